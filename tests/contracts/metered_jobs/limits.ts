import { test } from '@japa/runner'
import type { LimitRule } from '#core/quota/limit_rule'
import {
  countOf,
  credits,
  finishRequest,
  outcomeOf,
  running,
  startRequest,
  started,
  usage,
} from './requests.js'
import { earlyInTheMinute } from './windows.js'
import type { World } from './world.js'

const rule = (options: Partial<LimitRule>): LimitRule => ({
  scope: 'org',
  measure: 'requests',
  window: 'minute',
  limit: 5n,
  onExceed: 'refuse',
  ...options,
})

export function limitsSuite(world: () => World) {
  test('of twenty starts at once under a limit of five a minute, five start', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    await earlyInTheMinute()

    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        world().metered.start(startRequest(account, { limits: [rule({})] }))
      )
    )

    const outcomes = results.map(outcomeOf)
    assert.equal(countOf(outcomes, 'started'), 5)
    assert.equal(countOf(outcomes, 'limit_exceeded'), 15)
    const refused = results.find((result) => result.outcome === 'refused')!
    assert.containSubset(refused, { refusal: { limit: { used: 5n, needed: 1n } } })
  })

  test('a refusal by one rule uses up none of the others', async ({ assert }) => {
    const account = await world().newAccount()
    const limits = [rule({ limit: 1n, window: 'total' }), rule({ limit: 10n, window: 'day' })]
    await started(world(), account, { limits })

    const results = await Promise.all(
      Array.from({ length: 5 }, () => world().metered.start(startRequest(account, { limits })))
    )

    assert.equal(countOf(results.map(outcomeOf), 'limit_exceeded'), 5)
    for (const limit of limits) await world().setRule(account, limit)
    const states = await world().quota.states({ accountId: account })
    assert.deepEqual(states.map(({ window, used }) => [window, used]).toSorted(), [
      ['day', 1n],
      ['total', 1n],
    ])
  })

  test('of several reached limits the one that clears last is told', async ({ assert }) => {
    const account = await world().newAccount()
    const limits = [
      rule({ limit: 0n, window: 'minute' }),
      rule({ limit: 0n, window: 'month' }),
      rule({ limit: 0n, window: 'hour' }),
    ]

    const result = await world().metered.start(startRequest(account, { limits }))

    assert.containSubset(result, { refusal: { limit: { rule: 'org_requests_per_month' } } })
  })

  test('an organisation has its own rule instead of the default, a key its own instead of that', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const [keyId, other] = [await world().newKey(account), await world().newKey(account)]
    const asKey = { scope: 'key', measure: 'requests', window: 'total' } as const
    await world().setRule(account, { ...asKey, limit: 2n })
    await world().setRule(account, { ...asKey, scopeId: keyId, limit: 3n })
    const limits = [rule({ scope: 'key', window: 'total', limit: 1n })]

    const outcomesOf = async (id: string) => {
      const outcomes: string[] = []
      for (let index = 0; index < 4; index++) {
        const result = await world().metered.start(startRequest(account, { keyId: id, limits }))
        outcomes.push(outcomeOf(result))
      }
      return countOf(outcomes, 'started')
    }

    assert.equal(await outcomesOf(keyId), 3)
    assert.equal(await outcomesOf(other), 2)
  })

  test('a limit of the {scope} counts each apart')
    .with([
      { scope: 'end_user', one: { endUser: 'ann' }, other: { endUser: 'bob' } },
      { scope: 'user', one: { userId: 'usr_a' }, other: { userId: 'usr_b' } },
      { scope: 'model', one: { model: 'acme/a' }, other: { model: 'acme/b' } },
      { scope: 'provider', one: { provider: 'acme' }, other: { provider: 'other' } },
    ] as const)
    .run(async ({ assert }, { scope, one, other }) => {
      const account = await world().newAccount()
      const limits = [rule({ scope, window: 'total', limit: 1n })]
      await started(world(), account, { limits, ...one })

      const again = await world().metered.start(startRequest(account, { limits, ...one }))
      const different = await world().metered.start(startRequest(account, { limits, ...other }))

      assert.deepEqual([outcomeOf(again), outcomeOf(different)], ['limit_exceeded', 'started'])
    })

  test('a batch never holds and spends more than its budget, however much comes at once', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const batch = { id: 'bat_one', budget: credits('5') }

    const results = await Promise.all(
      Array.from({ length: 6 }, () =>
        world().metered.start(startRequest(account, { batch, hold: '2' }))
      )
    )

    assert.equal(countOf(results.map(outcomeOf), 'started'), 2)
    assert.containSubset(
      results.find(({ outcome }) => outcome === 'refused'),
      {
        refusal: {
          type: 'limit_exceeded',
          retryAfterSeconds: null,
          limit: {
            scope: 'batch',
            scopeId: 'bat_one',
            rule: 'batch_credits_per_total',
            limit: 5_000_000n,
            held: 4_000_000n,
            needed: 2_000_000n,
          },
        },
      }
    )
    const another = { id: 'bat_two', budget: credits('2') }
    const free = { id: 'bat_three', budget: null }
    await started(world(), account, { batch: another, hold: '2' })
    await started(world(), account, { batch: free, hold: '2' })
    await started(world(), account, { hold: '2' })
  })

  test('a batch has room again for what its jobs did not cost', async ({ assert }) => {
    const account = await world().newAccount()
    const batch = { id: 'bat_one', budget: credits('3') }
    const job = await running(world(), account, { batch, hold: '3' })
    await world().metered.finish(finishRequest(job, { cost: '1' }))

    const over = await world().metered.start(startRequest(account, { batch, hold: '2.000001' }))
    const fits = await world().metered.start(startRequest(account, { batch, hold: '2' }))

    assert.deepEqual([outcomeOf(over), outcomeOf(fits)], ['limit_exceeded', 'started'])
    const kept = (await world().snapshot(account)) as { generations: { row: string }[] }
    const batches = kept.generations.map(({ row }) => JSON.parse(row).batch_id)
    assert.deepEqual(batches, ['bat_one', 'bat_one'])
  })

  test('a limit of members does not count a call that has none', async ({ assert }) => {
    const account = await world().newAccount()
    const limits = [rule({ scope: 'user', limit: 0n })]

    assert.equal(
      outcomeOf(await world().metered.start(startRequest(account, { limits }))),
      'started'
    )
  })

  test('a budget holds the ceiling and then counts what was charged', async ({ assert }) => {
    const account = await world().newAccount()
    const budget = { scope: 'org', measure: 'credits', window: 'day', limit: 10_000_000n } as const
    await world().setRule(account, budget)
    const job = await running(world(), account, { hold: '8' })
    const full = await world().metered.start(startRequest(account, { hold: '3' }))

    await world().metered.finish(finishRequest(job, { cost: '5' }))

    const [state] = await world().quota.states({ accountId: account })
    assert.equal(outcomeOf(full), 'limit_exceeded')
    assert.deepInclude(state, { used: 5_000_000n, held: 0n })
    const fits = await world().metered.start(startRequest(account, { hold: '5' }))
    const over = await world().metered.start(startRequest(account, { hold: '0.000001' }))
    assert.deepEqual([outcomeOf(fits), outcomeOf(over)], ['started', 'limit_exceeded'])
  })

  test('a limit of jobs at once has room again when one ends, however it ends', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({ measure: 'concurrency', window: 'total', limit: 1n })]
    const ends = {
      success: async () => {
        const job = await running(world(), account, { limits })
        await world().metered.finish(finishRequest(job, { cost: '1' }))
      },
      failure: async () => {
        const job = await running(world(), account, { limits })
        await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))
      },
      cancel: async () => {
        const ref = await started(world(), account, { limits })
        await world().metered.cancel(ref, 'system:test')
      },
      expiry: async () => {
        const ref = await started(world(), account, { limits })
        await world().endDeadline(ref)
        await world().metered.expire(ref, 'deadline')
      },
    }

    for (const [name, end] of Object.entries(ends)) {
      await end()
      const ref = await started(world(), account, { limits })
      const second = await world().metered.start(startRequest(account, { limits }))
      assert.equal(outcomeOf(second), 'limit_exceeded', `after ${name}`)
      await world().metered.cancel(ref, 'system:test')
    }
  })

  test('{measure} count as asked for while the job runs, and as delivered after it')
    .with([
      { measure: 'images', asked: 4n, units: { outputs: 3 }, delivered: 3, used: 3n },
      {
        measure: 'seconds',
        asked: 5n,
        units: { outputs: 1, seconds: 4.2 },
        delivered: 1,
        used: 5n,
      },
    ] as const)
    .run(async ({ assert }, { measure, asked, units, delivered, used }) => {
      const account = await world().newAccount()
      await world().setRule(account, { scope: 'org', measure, window: 'day', limit: 6n })
      const job = await running(world(), account, { measures: { [measure]: asked } })
      const [during] = await world().quota.states({ accountId: account })

      await world().metered.finish(
        finishRequest(job, { cost: '1', delivered, usage: { ...usage, units } })
      )

      const [after] = await world().quota.states({ accountId: account })
      assert.deepEqual([during.held, during.used], [asked, 0n])
      assert.deepEqual([after.held, after.used], [0n, used])
    })

  test('what was asked for and failed counts as a request and as nothing else', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    for (const measure of ['requests', 'images', 'seconds', 'credits'] as const) {
      await world().setRule(account, { scope: 'org', measure, window: 'day', limit: 9_000_000n })
    }
    const job = await running(world(), account, { measures: { images: 2n, seconds: 8n } })

    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))

    const states = await world().quota.states({ accountId: account })
    assert.deepEqual(Object.fromEntries(states.map(({ measure, used }) => [measure, used])), {
      requests: 1n,
      images: 0n,
      seconds: 0n,
      credits: 0n,
    })
    assert.isTrue(states.every(({ held }) => held === 0n))
  })
}
