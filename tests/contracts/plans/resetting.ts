import { test } from '@japa/runner'
import { countOf } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { available, choose, granted, nextPeriod, onPlan, resetGrants } from './steps.js'

const DAY = 86_400_000

export function resettingSuite(world: () => World) {
  test('a period is granted once, and its grant says which it is', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')
    const before = await world().snapshot(account)

    await world().plans.reset(account)

    assert.deepEqual(await world().snapshot(account), before)
    const [entry] = await world().ledger.entries(account, { limit: 10 })
    assert.match(entry.ref!, /^plan:month:\d{4}-\d\d-\d\dT[\d:.]+Z:0$/)
    assert.match(entry.reason!, /^The plain plan, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/)
    assert.equal(entry.actor, 'system:reset')
    const [grant] = await world().grants(account)
    assert.equal(grant.kind, 'cycle')
  })

  test('of twenty runs at once in two processes, one grants', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    await choose(world(), account, 'capped')
    const neighbour = await world().neighbour()

    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? neighbour : world()).plans.reset(account))
    )

    await neighbour.close()
    const winners = runs.filter(({ parts }) => granted(parts).length > 0)
    assert.lengthOf(winners, 1)
    assert.equal(await available(world(), account), '100')
  })

  test('it is due when its period begins, and not a moment before', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')
    const { nextAt } = (await world().plans.state(account))!
    const dueNow = async () => {
      const due = await world().plans.due({ limit: 1000 })
      return countOf(due, account)
    }
    await world().clock.advance(account, new Date(nextAt.getTime() - 60_000))
    assert.equal(await dueNow(), 0)
    assert.deepEqual(await resetGrants(world(), account), [])

    await world().clock.advance(account, nextAt)

    assert.equal(await dueNow(), 1)
    assert.deepEqual(await resetGrants(world(), account), ['1: 100'])
    assert.equal(await dueNow(), 0)
  })

  test('runs that were missed are caught up with once, without what would have expired', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'plain')
    const { anchor } = (await world().plans.state(account))!
    await world().clock.advance(account, new Date(anchor.getTime() + 100 * DAY))

    const caughtUp = await world().plans.reset(account)
    const again = await world().plans.reset(account)

    assert.deepEqual(
      caughtUp.parts.map(({ ordinal, outcome }) => `${ordinal} ${outcome}`),
      ['1 over', '2 over', '3 granted']
    )
    assert.deepEqual(again.parts, [])
    assert.equal(await available(world(), account), '100')
  })

  test('missed periods that carry everything over are granted each', async ({ assert }) => {
    const account = await onPlan(world(), 'all')
    const { anchor } = (await world().plans.state(account))!
    await world().clock.advance(account, new Date(anchor.getTime() + 100 * DAY))

    await world().plans.reset(account)

    assert.equal(await available(world(), account), '400')
  })

  test('a late run leaves what a punctual one does: {plan}')
    .with([
      { plan: 'plain' },
      { plan: 'capped' },
      { plan: 'even' },
      { plan: 'deep' },
      { plan: 'all' },
    ])
    .run(async ({ assert }, { plan }) => {
      const [late, punctual] = [await onPlan(world(), plan), await onPlan(world(), plan)]
      for (let period = 0; period < 5; period++) await nextPeriod(world(), punctual)
      const { nextAt } = (await world().plans.state(punctual))!

      await world().clock.advance(late, new Date(nextAt.getTime() - DAY))
      await world().plans.reset(late)

      assert.equal(await available(world(), late), await available(world(), punctual))
    })

  test('a dry run tells what a run would do, may look ahead, and writes nothing', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'capped')
    const { anchor } = (await world().plans.state(account))!
    const before = await world().snapshot(account)

    const ahead = new Date(anchor.getTime() + 40 * DAY)
    const look = await world().plans.reset(account, { dry: true, at: ahead })

    assert.deepEqual(granted(look.parts), ['1: 70', '1: 30'])
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a run grants up to the instant it is told, and never ahead of time', async ({ assert }) => {
    const account = await onPlan(world(), 'all')
    const { anchor } = (await world().plans.state(account))!
    const far = new Date(anchor.getTime() + 100 * DAY)
    const early = await world().plans.reset(account, { at: far })
    assert.deepEqual(early.parts, [])
    await world().clock.advance(account, far)

    const at = new Date(anchor.getTime() + 40 * DAY)
    const upTo = await world().plans.reset(account, { at })

    assert.deepEqual(granted(upTo.parts), ['1: 100'])
    assert.deepEqual(await resetGrants(world(), account), ['2: 100', '3: 100'])
  })

  test('a closed account gets nothing', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    await choose(world(), account, 'plain')
    await world().ledger.setState(account, 'closed')

    const { outcome } = await world().plans.reset(account)
    assert.equal(outcome, 'closed')
    assert.notInclude(await world().plans.due({ limit: 1000 }), account)
  })

  test('who is due is told page by page', async ({ assert }) => {
    const accounts = [await world().newAccount(), await world().newAccount()]
    for (const account of accounts) await choose(world(), account, 'plain')
    const all = await world().plans.due({ limit: 1000 })

    const paged: string[] = []
    for (let after = ''; ; after = paged.at(-1)!) {
      const page = await world().plans.due({ limit: 1, after })
      if (page.length === 0) break
      paged.push(...page)
    }

    assert.deepEqual(paged, all)
    for (const account of accounts) assert.include(paged, account)
  })
}
