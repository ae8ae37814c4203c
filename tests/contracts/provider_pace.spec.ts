import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { PostgresProviderPace } from '#adapters/plugins/postgres_provider_pace'
import { Sql } from '#adapters/postgres/sql'

const newProcess = async () => new PostgresProviderPace(await app.container.make(Sql))

/** As if so much time had gone by. */
const later = (provider: string, ms: number) =>
  db
    .from('provider_paces')
    .where({ provider })
    .update({ paid_at: db.raw(`paid_at - ? * interval '1 ms'`, [ms]) })

test.group('Provider pace', () => {
  test('of many calls of one moment, in several processes, a tenth of a minute is let through', async ({
    assert,
  }) => {
    const provider = randomUUID()
    const processes = await Promise.all([newProcess(), newProcess(), newProcess()])

    const waits = await Promise.all(
      Array.from({ length: 60 }, (_, n) => processes[n % 3].take(provider, 100))
    )

    assert.lengthOf(
      waits.filter((wait) => wait === 0),
      10
    )
    for (const wait of waits) assert.isAtMost(wait, 60_000)
    assert.isTrue(processes.some((process) => process.full().includes(provider)))
  })

  test('no minute has more than {0}')
    .with([[1], [5], [60], [100]])
    .run(async ({ assert }, [perMinute]) => {
      const provider = randomUUID()
      const pace = await newProcess()
      const passed: number[] = []
      const step = Math.min(500, 60_000 / perMinute / 2)
      for (let now = 0; now < 130_000; now += step) {
        while ((await pace.take(provider, perMinute)) === 0) passed.push(now)
        await later(provider, step)
      }

      // The clock moves on by itself as well: by less than what a call costs.
      const inMinute = passed.map(
        (at) => passed.filter((other) => other >= at && other < at + 59_000).length
      )
      assert.isAtMost(Math.max(...inMinute), perMinute)
      assert.isAtLeast(passed.length, perMinute)
    })

  test('who asks after the wait it was told is let through', async ({ assert }) => {
    const provider = randomUUID()
    const pace = await newProcess()
    await pace.take(provider, 1)

    const wait = await pace.take(provider, 1)
    assert.isAbove(wait, 50_000)
    await later(provider, wait)

    assert.equal(await pace.take(provider, 1), 0)
  })
})
