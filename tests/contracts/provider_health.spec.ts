import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Bus } from '#adapters/bus/bus'
import { PostgresProviderHealth } from '#adapters/plugins/postgres_provider_health'
import { Sql } from '#adapters/postgres/sql'
import { isRefused, isResting } from '#core/plugins/provider_health'
import { PLATFORM } from '#core/notices/notices'

/** The bus of a process that hears itself alone: the others find out by looking. */
class OwnBus extends Bus {
  async connect() {}
  async close() {}
  protected send() {}
}

const QUIET = { warn() {}, error() {} }
const DOWN = { class: 'transient_before_accept', message: 'It answers 503.' } as const
const BROKE = { class: 'provider_balance', message: 'The balance is used up.' } as const

/** As one process has it. */
async function newProcess(cleanup: (end: () => Promise<void>) => void, bus: Bus = new OwnBus()) {
  const health = new PostgresProviderHealth(await app.container.make(Sql), bus, QUIET)
  await health.follow()
  cleanup(() => health.stop())
  return health
}

/** As if its rest were over. */
const later = async (provider: string, ...processes: PostgresProviderHealth[]) => {
  await db
    .from('provider_circuits')
    .where({ provider })
    .update({ retry_at: db.raw(`clock_timestamp() - interval '1 ms'`) })
  for (const process of processes) {
    await process.stop()
    await process.follow()
  }
}

const restOf = (health: PostgresProviderHealth, provider: string) =>
  Math.round((health.of(provider)!.retryAt.getTime() - Date.now()) / 1_000)

test.group('Provider health', () => {
  test('most of what is asked comes to nothing: all processes leave it alone for a while', async ({
    assert,
    cleanup,
  }) => {
    const [bus, provider] = [new OwnBus(), randomUUID()]
    const health = await newProcess(cleanup, bus)
    const other = await newProcess(cleanup, bus)

    for (let n = 0; n < 4; n++) health.failed(provider, DOWN)
    await health.written()
    assert.isNull(health.of(provider))
    health.failed(provider, DOWN)
    await health.written()

    const circuit = health.of(provider)!
    assert.containSubset(circuit, { cause: 'failures', message: DOWN.message, openings: 1 })
    assert.isTrue(isResting(circuit))
    assert.equal(restOf(health, provider), 15)
    // It is waited for: nobody is turned away for fifteen seconds.
    assert.isFalse(isRefused(circuit))
    while (!other.of(provider)) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(other.of(provider), circuit)
    const late = await newProcess(cleanup)
    assert.deepEqual(late.of(provider), circuit)
  })

  test('a vendor that is not paid is left alone at once, and the operator hears of it once', async ({
    assert,
    cleanup,
  }) => {
    const provider = randomUUID()
    const [health, other] = [await newProcess(cleanup), await newProcess(cleanup)]

    health.failed(provider, BROKE)
    other.failed(provider, BROKE)
    await Promise.all([health.written(), other.written()])

    assert.containSubset(health.of(provider)!, { cause: 'provider_balance', openings: 1 })
    assert.deepEqual(other.of(provider), health.of(provider))
    assert.isTrue(isRefused(health.of(provider)!))
    await later(provider, health)
    health.failed(provider, BROKE)
    await health.written()
    assert.equal(health.of(provider)!.openings, 2)
    const notices = await db
      .from('notices')
      .where({ account_id: PLATFORM, type: 'provider_unavailable', subject: provider })
    assert.deepEqual(
      notices.map(({ facts }) => facts),
      [{ provider, cause: 'provider_balance', message: BROKE.message }]
    )
  })

  test('a try that fails lets it rest twice as long, whoever tried; one that works closes it', async ({
    assert,
    cleanup,
  }) => {
    const provider = randomUUID()
    const [health, other] = [await newProcess(cleanup), await newProcess(cleanup)]
    for (let n = 0; n < 5; n++) health.failed(provider, DOWN)
    await health.written()
    // What ran before says nothing while it rests.
    health.answered(provider)
    await health.written()
    assert.isTrue(isResting(health.of(provider)!))

    await later(provider, health, other)
    assert.isFalse(isResting(other.of(provider)!))
    other.failed(provider, DOWN)
    await other.written()
    assert.equal(other.of(provider)!.openings, 2)
    assert.equal(restOf(other, provider), 30)

    // The first has not heard of it, and opens nothing anew.
    health.failed(provider, DOWN)
    await health.written()
    assert.equal(health.of(provider)!.openings, 2)

    await later(provider, health, other)
    health.answered(provider)
    await health.written()
    assert.isNull(health.of(provider))
    await other.stop()
    await other.follow()
    assert.isNull(other.of(provider))
    // It begins anew: one failure is none.
    health.failed(provider, DOWN)
    await health.written()
    assert.isNull(health.of(provider))
  })

  test('what the input or a limit is to blame for leaves it open for others', async ({
    assert,
    cleanup,
  }) => {
    const provider = randomUUID()
    const health = await newProcess(cleanup)

    for (let n = 0; n < 20; n++) {
      health.failed(provider, { class: 'blocked_input', message: 'No.' })
      health.failed(provider, { class: 'rate_limited', message: 'Slower.' })
    }
    await health.written()

    assert.isNull(health.of(provider))
  })

  test('an operator closes it', async ({ assert, cleanup }) => {
    const provider = randomUUID()
    const health = await newProcess(cleanup)
    health.failed(provider, BROKE)

    assert.isTrue(await health.close(provider, 'system:test'))

    assert.isNull(health.of(provider))
    assert.isFalse(await health.close(provider, 'system:test'))
  })
})
