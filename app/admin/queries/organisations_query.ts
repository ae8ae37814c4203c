import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

export interface OrganisationRow {
  id: string
  name: string
  timezone: string
  /** The organisation whose test account this is. */
  testOf: string | null
  createdAt: Date
  available: Credits
  held: Credits
  /** Below which it is told; `null` for the platform's figure. */
  lowBalance: Credits | null
}

interface Wanted {
  /** A part of the name, or a whole id. */
  search?: string
  limit: number
  /** The id the page before ended with. Ids sort by time. */
  before?: string
}

/** Organisations with their balances, newest first. */
export async function organisationsQuery({
  search,
  limit,
  before,
}: Wanted): Promise<{ organisations: OrganisationRow[]; next: string | null }> {
  const query = rowsWithBalance()
    .whereNull('o.test_of')
    .orderBy('o.id', 'desc')
    .limit(limit + 1)
  if (before) query.where('o.id', '<', before)
  if (search) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
    query.where((either) => either.whereILike('o.name', pattern).orWhere('o.id', search))
  }
  const rows = await query
  const shown = rows.slice(0, limit).map(organisationOf)
  return { organisations: shown, next: rows.length > limit ? shown.at(-1)!.id : null }
}

export async function organisationQuery(id: string): Promise<OrganisationRow | null> {
  const row = await rowsWithBalance().where('o.id', id).first()
  return row && organisationOf(row)
}

function rowsWithBalance() {
  return db
    .from('organisations as o')
    .join('accounts as a', 'a.id', 'o.id')
    .select('o.id', 'o.name', 'o.timezone', 'o.test_of', 'o.created_at', 'o.low_balance_micro')
    .select('a.held_micro')
    .select(
      db.raw(`a.available_micro - coalesce((select sum(remaining_micro) from grants g
        where g.account_id = a.id and g.live and g.expires_at <= ledger_clock(a)), 0)::bigint
        as available_micro`)
    )
}

function organisationOf(row: Record<string, any>): OrganisationRow {
  return {
    id: row.id,
    name: row.name,
    timezone: row.timezone,
    testOf: row.test_of,
    createdAt: row.created_at,
    available: Credits.fromMicro(row.available_micro),
    held: Credits.fromMicro(row.held_micro),
    lowBalance: row.low_balance_micro === null ? null : Credits.fromMicro(row.low_balance_micro),
  }
}
