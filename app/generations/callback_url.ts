import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import { appUrl } from '#config/app'
import env from '#start/env'

const key = createSecretKey(
  new Uint8Array(hkdfSync('sha256', env.get('APP_KEY').release(), '', 'daygen vendor callback', 32))
)

/** A vendor outside reaches us by https alone. */
export const isPublicAddress = appUrl.startsWith('https:')

export interface CallbackAddress {
  provider: string
  accountId: string
  jobId: string
}

/** Where the vendor of one job may tell that there is news of it. The token lets nobody do more. */
export function callbackUrl(address: CallbackAddress): string {
  const { provider, accountId, jobId } = address
  return `${appUrl}/hooks/providers/${provider}/${accountId}/${jobId}/${tokenOf(address)}`
}

/** Whether we have given out this address. */
export function isOurs(address: CallbackAddress, token: string): boolean {
  const [given, right] = [Buffer.from(token), Buffer.from(tokenOf(address))]
  return given.length === right.length && timingSafeEqual(given, right)
}

function tokenOf({ provider, accountId, jobId }: CallbackAddress): string {
  const text = `${provider} ${accountId} ${jobId}`
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, 32)
}
