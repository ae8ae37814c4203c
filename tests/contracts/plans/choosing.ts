import { randomUUID } from 'node:crypto'
import { test } from '@japa/runner'
import type { World } from '../metered_jobs/world.js'
import { available, choose, granted, nextGrants, onPlan, resetGrants, spend } from './steps.js'

export function choosingSuite(world: () => World) {
  test('an account is on no plan until it is put on one', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })

    assert.isNull(await world().plans.state(account))
    const { outcome } = await world().plans.reset(account)
    assert.equal(outcome, 'no_plan')
    assert.equal(await available(world(), account), '0')
  })

  test('a plan begins now, and grants with the first reset', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })

    const outcome = await choose(world(), account, 'plain')

    assert.equal(outcome, 'changed')
    const before = (await world().plans.state(account))!
    assert.deepInclude(before, { planId: 'plain', nextOrdinal: 0n })
    assert.isAtMost(before.nextAt.getTime(), Date.now())
    assert.deepEqual(await resetGrants(world(), account), ['0: 100'])
    assert.isAbove((await world().plans.state(account))!.nextAt.getTime(), Date.now())
  })

  test('who chose and why is kept, newest first', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    await choose(world(), account, 'plain', { actor: 'user:usr_ann', reason: 'signed up' })
    await choose(world(), account, null, { actor: 'user:usr_bob', reason: 'left' })

    const changes = await world().plans.changes(account, 10)

    assert.containSubset(changes, [
      { planId: null, anchor: null, actor: 'user:usr_bob', reason: 'left' },
      { planId: 'plain', actor: 'user:usr_ann', reason: 'signed up' },
    ])
  })

  test('the same reference again changes nothing', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')
    const reference = randomUUID()
    await choose(world(), account, 'large', { reference, restart: true })
    await world().plans.reset(account)
    const before = await world().snapshot(account)

    const again = await choose(world(), account, 'large', { reference, restart: true })
    await world().plans.reset(account)

    assert.equal(again, 'exists')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the plan it is on already is no change', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')
    const before = await world().snapshot(account)

    assert.equal(await choose(world(), account, 'plain'), 'unchanged')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('another plan grants with the next reset, in the periods of the one before', async ({
    assert,
  }) => {
    const account = await onPlan(world(), 'plain')
    const { anchor, nextAt } = (await world().plans.state(account))!

    await choose(world(), account, 'large')

    assert.deepEqual(await resetGrants(world(), account), [])
    assert.deepInclude(await world().plans.state(account), { planId: 'large', anchor, nextAt })
    assert.deepEqual(await nextGrants(world(), account), ['1: 500'])
  })

  test('another plan that begins anew grants at once', async ({ assert }) => {
    const account = await onPlan(world(), 'plain')

    await choose(world(), account, 'large', { restart: true })

    assert.deepEqual(await resetGrants(world(), account), ['0: 500'])
    assert.equal(await available(world(), account), '600')
  })

  test('leaving a free plan and coming back grants nothing more, whenever', async ({ assert }) => {
    const account = await onPlan(world(), 'free')
    await spend(world(), account, '10')
    await choose(world(), account, null)
    await choose(world(), account, 'free')
    await world().plans.reset(account)
    assert.equal(await available(world(), account), '0')

    await choose(world(), account, 'plain')
    await world().plans.reset(account)
    await choose(world(), account, 'free')
    const back = await world().plans.reset(account)

    assert.deepEqual(granted(back.parts), [])
    assert.equal(await available(world(), account), '100')
    const { nextAt } = (await world().plans.state(account))!
    await choose(world(), account, null)
    await world().clock.advance(account, nextAt)
    await choose(world(), account, 'free')
    assert.deepEqual(await resetGrants(world(), account), ['1: 10'])
    assert.deepEqual(await resetGrants(world(), account), [])
  })

  test('an anchor in the past pays nothing for the time before', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })

    await choose(world(), account, 'all', { anchor: new Date('2020-01-31T10:00:00Z') })
    const { parts } = await world().plans.reset(account)

    assert.lengthOf(parts, 1)
    assert.equal(await available(world(), account), '100')
  })

  test('an anchor to come grants nothing before it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0', test: true })
    const anchor = new Date(Date.now() + 5 * 86_400_000)

    await choose(world(), account, 'plain', { anchor })

    assert.deepEqual(await resetGrants(world(), account), [])
    assert.deepEqual((await world().plans.state(account))!.nextAt, anchor)
    assert.deepEqual(await nextGrants(world(), account), ['0: 100'])
  })

  test('a plan or an account that does not exist is a fault that says so', async ({ assert }) => {
    const account = await world().newAccount()

    await assert.rejects(() => choose(world(), account, 'golden'), /no plan "golden".*plain/)
    await assert.rejects(() => choose(world(), 'org_nobody', 'plain'), /no account org_nobody/)
  })
}
