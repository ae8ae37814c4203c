import db from '@adonisjs/lucid/services/db'
import { modeOf } from '#core/ledger/account_mode'

/** As many as a list to choose from can bear. */
const MOST = 500

interface Wanted {
  withTest?: boolean
  /** The one that is chosen, which is there even when there are more than a list can bear. */
  chosen?: string
}

/** The organisations to choose from, by name; with their test accounts where those are meant as well. */
export async function organisationChoicesQuery({ withTest = false, chosen }: Wanted = {}): Promise<
  { id: string; name: string }[]
> {
  const query = db.from('organisations').select('id', 'name')
  if (!withTest) query.whereNull('test_of')
  const rows = await query.orderBy('name').orderBy('id').limit(MOST)
  if (chosen && !rows.some(({ id }) => id === chosen)) {
    rows.unshift(...(await db.from('organisations').select('id', 'name').where('id', chosen)))
  }
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
