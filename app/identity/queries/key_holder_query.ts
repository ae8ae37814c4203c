import db from '@adonisjs/lucid/services/db'
import { hashKey, KEY_PATTERN } from '#app/identity/api_key'
import type { Caller, Scope } from '#app/identity/caller'

interface KeyRow {
  id: string
  org_id: string
  scopes: Scope[]
  mode: 'live' | 'test'
}

/** Who holds this key, or `null` for one that is malformed, unknown or revoked. */
export async function keyHolderQuery(text: string): Promise<Caller | null> {
  if (!KEY_PATTERN.test(text)) return null
  const row: KeyRow | null = await db
    .from('api_keys')
    .select('id', 'org_id', 'scopes', 'mode')
    .where('hash', hashKey(text))
    .whereNull('revoked_at')
    .first()
  return row && callerOf(row)
}

function callerOf(row: KeyRow): Caller {
  return {
    orgId: row.org_id,
    keyId: row.id,
    userId: null,
    scopes: row.scopes,
    mode: row.mode,
    actor: `key:${row.id}`,
  }
}
