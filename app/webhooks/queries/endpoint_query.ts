import db from '@adonisjs/lucid/services/db'

export type DisabledBecause = 'asked' | 'failing' | 'gone'

export interface Endpoint {
  accountId: string
  id: string
  url: string
  description: string
  events: string[]
  apiVersion: string
  /** `null` while it is enabled. */
  disabled: { because: DisabledBecause; at: Date } | null
  failingSince: Date | null
  /** The number of its last event. */
  seq: number
  /** Until when the secret before signs as well, `null` where none does. */
  previousSecretUntil: Date | null
  createdBy: string
  createdAt: Date
  updatedAt: Date
}

/** One endpoint of an organisation, or `null`. Somebody else's is `null` as well. */
export async function endpointQuery(accountId: string, id: string): Promise<Endpoint | null> {
  const row = await endpoints().where({ 'e.account_id': accountId, 'e.id': id }).first()
  return row ? endpointOf(row) : null
}

/** One by its id alone: for operators only. */
export async function anyEndpointQuery(id: string): Promise<Endpoint | null> {
  const row = await endpoints().where('e.id', id).first()
  return row ? endpointOf(row) : null
}

interface Wanted {
  /** Without it, of every organisation: for operators only. */
  accountId?: string
  limit: number
  /** The id that the page before ended with. Ids sort by time. */
  before?: string
}

/** Newest first. */
export async function endpointsQuery({ accountId, limit, before }: Wanted) {
  const query = endpoints()
    .orderBy('e.id', 'desc')
    .limit(limit + 1)
  if (accountId) query.where('e.account_id', accountId)
  if (before) query.where('e.id', '<', before)
  const rows = await query
  const shown = rows.slice(0, limit).map(endpointOf)
  return { endpoints: shown, next: rows.length > limit ? shown.at(-1)!.id : null }
}

function endpoints() {
  return db
    .from('webhook_endpoints as e')
    .leftJoin('webhook_secrets as s', (join) => {
      join.on('s.account_id', 'e.account_id').andOn('s.owner', 'e.id')
    })
    .whereNull('e.deleted_at')
    .select('e.*', db.raw('case when s.previous_until > now() then s.previous_until end as until'))
}

function endpointOf(row: Record<string, any>): Endpoint {
  return {
    accountId: row.account_id,
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events,
    apiVersion: row.api_version,
    disabled: row.disabled_because && { because: row.disabled_because, at: row.disabled_at },
    failingSince: row.failing_since,
    seq: Number(row.seq),
    previousSecretUntil: row.until,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
