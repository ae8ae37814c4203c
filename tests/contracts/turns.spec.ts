import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Sql } from '#adapters/postgres/sql'
import { PostgresTurns } from '#adapters/schedule/postgres_turns'
import type { Chore } from '#core/schedule/scheduler'

const HOUR = 3_600_000

function choreOf(run: () => Promise<void> = async () => {}): Chore {
  return { name: `test:${randomUUID()}`, about: 'for a test', everyMs: HOUR, run }
}

/** As another process has them: turns know nothing but the database. */
const makeTurns = async () => new PostgresTurns(await app.container.make(Sql))

/** As if so much time had gone by since its last run began. */
const later = ({ name }: Chore, ms: number) =>
  db.rawQuery(
    `update chore_runs set began_at = began_at - ? * interval '1 ms',
       ended_at = ended_at - ? * interval '1 ms' where name = ?`,
    [ms, ms, name]
  )

test.group('Turns between processes', () => {
  test('what never ran is due; what ran is due again when its time has passed', async ({
    assert,
  }) => {
    const [turns, others] = [await makeTurns(), await makeTurns()]
    let runs = 0
    const chore = choreOf(async () => void runs++)

    assert.deepEqual(await turns.due([chore]), [chore.name])
    assert.equal(await turns.take(chore), 'ran')
    assert.deepEqual(await others.due([chore]), [])
    assert.equal(await others.take(chore), 'early')

    await later(chore, HOUR)
    assert.deepEqual(await others.due([chore]), [chore.name])
    assert.equal(await others.take(chore), 'ran')
    assert.equal(runs, 2)
  })

  test('time that nobody was there for is one turn', async ({ assert }) => {
    const turns = await makeTurns()
    const chore = choreOf()
    await turns.take(chore)

    await later(chore, 50 * HOUR)

    assert.equal(await turns.take(chore), 'ran')
    assert.equal(await turns.take(chore), 'early')
  })

  test('several processes at once run it once', async ({ assert }) => {
    let runs = 0
    const chore = choreOf(async () => void runs++)
    const processes = await Promise.all([1, 2, 3, 4, 5].map(makeTurns))

    await Promise.all(processes.map((turns) => turns.take(chore)))

    assert.equal(runs, 1)
  })

  test('one at a time; the next when it is over, even if it broke', async ({ assert }) => {
    const turns = await makeTurns()
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const chore = choreOf(async () => {
      begun.resolve()
      await end.promise
      throw new Error('broke')
    })
    const first = turns.take(chore)
    await begun.promise

    assert.equal(await turns.take(chore, { early: true }), 'elsewhere')
    assert.equal(await turns.take(choreOf()), 'ran')
    end.resolve()
    await assert.rejects(() => first, 'broke')

    const [run] = await turns.runs([chore])
    assert.equal(run.error, 'broke')
    assert.equal(run.dueAt.getTime() - run.beganAt.getTime(), 60_000)
    await later(chore, 60_000)
    assert.deepEqual(await turns.due([chore]), [chore.name], 'sooner than in an hour')
  })

  test('what its process did not end is due at once', async ({ assert }) => {
    const turns = await makeTurns()
    const chore = choreOf()
    await turns.take(chore)
    await db.rawQuery('update chore_runs set ended_at = null where name = ?', [chore.name])

    assert.deepEqual(await turns.due([chore]), [chore.name])
    assert.equal(await turns.take(chore), 'ran')
  })
})
