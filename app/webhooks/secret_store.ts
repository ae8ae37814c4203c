import encryption from '@adonisjs/core/services/encryption'
import db from '@adonisjs/lucid/services/db'
import { Exception } from '@adonisjs/core/exceptions'
import { newSecret } from './signature.js'

/** Signs what goes to URLs that generations bring with them. */
export const ORGANISATION = 'org'

const PURPOSE = 'webhook secret'

/** Whose secret: an endpoint's, or the organisation's own. */
export interface SecretOwner {
  accountId: string
  owner: string
}

export interface SecretRow {
  secret: string
  previous: string | null
  previous_until: Date | null
}

/** The secrets that sign now, the newest first. */
export function signing(row: SecretRow, now: Date): string[] {
  const previous = row.previous && row.previous_until! > now ? [row.previous] : []
  return [row.secret, ...previous].map(opened)
}

/** A first secret. One that is there already stays. */
export async function makeSecret({ accountId, owner }: SecretOwner): Promise<string> {
  const secret = newSecret()
  await db.rawQuery(
    `insert into webhook_secrets (account_id, owner, secret) values (?, ?, ?)
     on conflict do nothing`,
    [accountId, owner, sealed(secret)]
  )
  return secret
}

/** Another secret from now on; the one before it signs as well until then. */
export async function replaceSecret(
  { accountId, owner }: SecretOwner,
  previousUntil: Date
): Promise<string> {
  const secret = newSecret()
  await db.rawQuery(
    `insert into webhook_secrets as s (account_id, owner, secret) values (?, ?, ?)
     on conflict (account_id, owner) do update set previous = s.secret, previous_until = ?,
       secret = excluded.secret, created_at = clock_timestamp()`,
    [accountId, owner, sealed(secret), previousUntil]
  )
  return secret
}

/** Kept in a form that a copy of the database alone does not open. */
function sealed(secret: string): string {
  return encryption.encrypt(secret, { purpose: PURPOSE })
}

function opened(text: string): string {
  const secret = encryption.decrypt<string>(text, PURPOSE)
  if (secret === null) throw new SecretUnreadable()
  return secret
}

class SecretUnreadable extends Exception {
  static code = 'E_WEBHOOK_SECRET'
  static message =
    'A webhook secret cannot be opened: APP_KEY is not the one it was kept with. Rotate the secret.'
}
