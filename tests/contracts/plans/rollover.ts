import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { finishRequest, running } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { available, nextPeriod, onPlan, spend } from './steps.js'

/** Numbers that look random and are the same in every run. */
function seeded(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

export function rolloverSuite(world: () => World) {
  test('without rollover what is left expires when the period ends', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')
    await spend(world(), account, '40')

    const { nextAt } = (await world().plans.state(account))!
    await world().clock.advance(account, nextAt)

    assert.equal(await available(world(), account), '0')
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.containSubset(entry, { kind: 'expire', amount: Credits.parse('-60') })
    await world().plans.reset(account)
    assert.equal(await available(world(), account), '100')
  })

  test('with {plan}, {spent} spent of 100 leaves {left} in the next period')
    .with([
      { plan: 'capped', spent: '0', left: '130' },
      { plan: 'capped', spent: '50', left: '130' },
      { plan: 'capped', spent: '70', left: '130' },
      { plan: 'capped', spent: '90', left: '110' },
      { plan: 'capped', spent: '100', left: '100' },
      { plan: 'even', spent: '20', left: '180' },
      { plan: 'deep', spent: '20', left: '180' },
      { plan: 'all', spent: '20', left: '180' },
    ])
    .run(async ({ assert }, { plan, spent, left }) => {
      const account = await onPlan(world(), plan)
      if (spent !== '0') await spend(world(), account, spent)

      await nextPeriod(world(), account)

      assert.equal(await available(world(), account), left)
    })

  test('what lives on is never more than the limit, however long nothing is spent', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'deep')
    const seen: string[] = []

    for (let period = 0; period < 6; period++) {
      await nextPeriod(world(), account)
      seen.push(await available(world(), account))
    }

    assert.deepEqual(seen, ['200', '300', '350', '350', '350', '350'])
  })

  // The rule as it is told: of what is left at the end of a period, at most the limit lives on.
  test('over twenty periods of any spending {plan} keeps exactly what the rule says (seed {seed})')
    .with(['capped', 'even', 'deep'].flatMap((plan) => [1, 2, 3].map((seed) => ({ plan, seed }))))
    .run(async ({ assert }, { plan, seed }) => {
      const limit = { capped: 30, even: 100, deep: 250 }[plan]!
      const random = seeded(seed * 7919)
      const account = await onPlan(world(), plan)
      let left = 100

      for (let period = 0; period < 20; period++) {
        for (let times = random(3); times > 0; times--) {
          const part = random(left + 1)
          if (part === 0) continue
          await spend(world(), account, String(part))
          left -= part
        }
        await nextPeriod(world(), account)
        left = Math.min(left, limit) + 100
        assert.equal(await available(world(), account), String(left), `period ${period}`)
      }
    })

  test('a hold that is open when the period ends pays from the period it was held in', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'capped')
    const job = await running(world(), account, { hold: '80' })

    await nextPeriod(world(), account)

    // 20 were left, all of them of the part that lives on.
    assert.equal(await available(world(), account), '120')
    await world().metered.finish(finishRequest(job, { cost: '80' }))
    assert.equal(await available(world(), account), '120')
  })

  test('what comes back to a period that is over follows its grants: expired is gone, carried is here', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'capped')
    const job = await running(world(), account, { hold: '80' })
    await nextPeriod(world(), account)

    // Of 80 held, 70 were of the part that ended and 10 of the one that lives on.
    await world().metered.cancel({ accountId: account, jobId: job.id }, 'system:test')
    await world().metered.finish(finishRequest(job, { cost: '0', state: 'canceled' }))

    assert.equal(await available(world(), account), '130')
  })
}
