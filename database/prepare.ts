import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { ApplicationService } from '@adonisjs/core/types'
import type { Database } from '@adonisjs/lucid/database'
import { MigrationRunner } from '@adonisjs/lucid/migration'

const FUNCTIONS = new URL('./functions/', import.meta.url)
/** One process prepares, the others wait for it. The number only has to be ours. */
const LOCK = 7_340_219_001n
const MONTHS_AHEAD = 3

/**
 * Brings a database to what this code needs: migrations, the functions as they stand in
 * `database/functions`, and the usage partitions of the coming months. Quick when there
 * is nothing to do, and safe to run from several processes at once.
 */
export async function prepareDatabase(app: ApplicationService, db: Database) {
  const lock = await db.transaction()
  try {
    await lock.rawQuery('select pg_advisory_xact_lock(?)', [LOCK.toString()])
    await migrate(app, db)
    await loadFunctions(db)
    await db.rawQuery('select usage_add_partitions(?)', [MONTHS_AHEAD])
  } finally {
    await lock.rollback()
  }
}

async function migrate(app: ApplicationService, db: Database) {
  const runner = new MigrationRunner(db, app, { direction: 'up', disableLocks: true })
  await runner.run()
  if (runner.error) throw runner.error
}

/** Functions replace themselves; they are loaded again only when their text changed. */
async function loadFunctions(db: Database) {
  const files = await readdir(FUNCTIONS)
  const names = files.filter((name) => name.endsWith('.sql')).sort()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FUNCTIONS), 'utf8')))
  const digest = createHash('sha256').update(texts.join('\n')).digest('hex')
  await db.rawQuery('create table if not exists loaded_functions (digest text not null)')
  const loaded = await db.from('loaded_functions').first()
  if (loaded?.digest === digest) return

  await db.transaction(async (trx) => {
    // Bodies name functions of later files.
    await trx.rawQuery('set local check_function_bodies = off')
    for (const text of texts) await trx.knexClient.raw(text.replaceAll('?', '\\?'))
    await trx.from('loaded_functions').delete()
    await trx.table('loaded_functions').insert({ digest })
  })
}
