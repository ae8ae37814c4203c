import db from '@adonisjs/lucid/services/db'
import type { Scope } from '#app/identity/caller'

export interface ApiKeyRow {
  id: string
  orgId: string
  orgName: string
  name: string
  prefix: string
  mode: 'live' | 'test'
  scopes: Scope[]
  createdAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
}

interface Wanted {
  orgId?: string
  limit: number
  /** The id the page before ended with. Ids sort by time. */
  before?: string
}

/** API keys, newest first, with the organisations they act for. */
export async function apiKeysQuery({
  orgId,
  limit,
  before,
}: Wanted): Promise<{ keys: ApiKeyRow[]; next: string | null }> {
  const query = db
    .from('api_keys as k')
    .join('organisations as o', 'o.id', 'k.org_id')
    .select('k.id', 'k.org_id', 'o.name as org_name', 'k.name', 'k.prefix', 'k.mode', 'k.scopes')
    .select('k.created_at', 'k.last_used_at', 'k.revoked_at')
    .orderBy('k.id', 'desc')
    .limit(limit + 1)
  // Those of its test account are an organisation's as well.
  if (orgId) query.where((of) => of.where('o.id', orgId).orWhere('o.test_of', orgId))
  if (before) query.where('k.id', '<', before)
  const rows = await query
  const keys = rows.slice(0, limit).map(keyOf)
  return { keys, next: rows.length > limit ? keys.at(-1)!.id : null }
}

function keyOf(row: Record<string, any>): ApiKeyRow {
  return {
    id: row.id,
    orgId: row.org_id,
    orgName: row.org_name,
    name: row.name,
    prefix: row.prefix,
    mode: row.mode,
    scopes: row.scopes,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }
}
