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
      ...sql.matchAll(/\(\d, '(\w+)', jsonb_build_object/g),
    ].map(([, type]) => type)

    assert.includeMembers([...EVENT_TYPES], told)
    assert.isAbove(new Set(told).size, 10)
    for (const type of EVENT_TYPES) assert.include(sql, `'${type}'`)
    assert.includeMembers([...EVENT_TYPES], [...TERMINAL_EVENTS])
  })
})
