import { modeOf } from '#core/ledger/account_mode'
import { mintKey } from '#app/identity/api_key'
import { SCOPES, type Scope } from '#app/identity/caller'
import ApiKey from '#app/identity/models/api_key'

interface KeyRequest {
  /** Of an organisation, or of its test account: then it is a test key. */
  orgId: string
  name: string
  scopes?: Scope[]
  createdBy?: string
}

/** Makes a key and answers with its text, which is never to be had again. */
export async function createApiKey(request: KeyRequest): Promise<{ key: ApiKey; text: string }> {
  const mode = modeOf(request.orgId)
  const { text, prefix, hash } = mintKey(mode)
  const key = await ApiKey.create({
    orgId: request.orgId,
    name: request.name,
    mode,
    prefix,
    hash,
    scopes: request.scopes ?? SCOPES.filter((scope) => scope !== 'admin'),
    createdBy: request.createdBy ?? null,
  })
  return { key, text }
}
