import db from '@adonisjs/lucid/services/db'
import { modeOf } from '#core/ledger/account_mode'

/** As many as a list to choose from can bear. */
const MOST = 500

/** The organisations to choose from, by name; with their test accounts where those are meant as well. */
export async function organisationChoicesQuery({ withTest = false } = {}): Promise<
  { id: string; name: string }[]
> {
  const query = db.from('organisations').select('id', 'name')
  if (!withTest) query.whereNull('test_of')
  const rows = await query.orderBy('name').orderBy('id').limit(MOST)
  return rows.map(({ id, name }) => ({ id, name: nameOf(id, name) }))
}

/** Names by id. */
export async function organisationNamesQuery(ids: string[]): Promise<Record<string, string>> {
  const rows = await db
    .from('organisations')
    .select('id', 'name')
    .whereIn('id', [...new Set(ids)])
  return Object.fromEntries(rows.map(({ id, name }) => [id, nameOf(id, name)]))
}

/** A test account is told apart wherever it is named. */
function nameOf(id: string, name: string): string {
  return modeOf(id) === 'test' ? `${name} (test)` : name
}
