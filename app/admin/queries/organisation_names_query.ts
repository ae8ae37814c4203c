import db from '@adonisjs/lucid/services/db'

/** As many as a list to choose from can bear. */
const MOST = 500

/** The organisations to choose from, by name. */
export async function organisationChoicesQuery(): Promise<{ id: string; name: string }[]> {
  return db.from('organisations').select('id', 'name').orderBy('name').orderBy('id').limit(MOST)
}

/** Names by id. */
export async function organisationNamesQuery(ids: string[]): Promise<Record<string, string>> {
  const rows = await db
    .from('organisations')
    .select('id', 'name')
    .whereIn('id', [...new Set(ids)])
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]))
}
