import { readdir, readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import { EVENT_TYPES, TERMINAL_EVENTS } from '#core/streams/streams'

const FUNCTIONS = new URL('../../../../../database/functions/', import.meta.url)

test.group('Event types', () => {
  test('are those that the functions of the database tell', async ({ assert }) => {
    const names = await readdir(FUNCTIONS)
    const files = names.filter((name) => name.endsWith('.sql'))
    const texts = await Promise.all(files.map((name) => readFile(new URL(name, FUNCTIONS), 'utf8')))
    const sql = texts.join('\n')

    const told = [
      ...sql.matchAll(/job_tell\(job, '(\w+)'/g),
      ...sql.matchAll(
        /select [\w.]*account_id, [\w.]*(?:job_)?id, [\w.]*(?:event_seq|1), '(\w+)'/g
      ),
    ].map(([, type]) => type)

    // These two are told by what became of the hold and of the job.
    const fromStates = ['settled', 'released', ...TERMINAL_EVENTS]
    assert.sameMembers([...new Set([...told, ...fromStates])], [...EVENT_TYPES])
  })
})
