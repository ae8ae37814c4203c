import { test } from '@japa/runner'
import {
  claim,
  finishRequest,
  leaseOf,
  outcomeOf,
  running,
  started,
  startRequest,
} from '../metered_jobs/requests.js'
import { grantRequest } from '../ledger/granting.js'
import type { World } from '../metered_jobs/world.js'
import { available } from './steps.js'

const DAY = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * DAY)

export function clockSuite(world: () => World) {
  test('goes to the instant it is moved to, and on from there', async ({ assert }) => {
    const account = await world().newAccount({ test: true })
    const to = inDays(400)

    const moved = await world().clock.advance(account, to)

    assert.equal(moved.outcome, 'advanced')
    const now = await world().clock.now(account)
    assert.isAtLeast(now.getTime(), to.getTime())
    assert.isBelow(now.getTime(), to.getTime() + 60_000)
    await world().ledger.grant(grantRequest(account))
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.isAtLeast(entry.createdAt.getTime(), to.getTime())
  })

  test('of a live account is never moved', async ({ assert }) => {
    const account = await world().newAccount()
    const before = await world().snapshot(account)

    const moved = await world().clock.advance(account, inDays(1))

    assert.equal(moved.outcome, 'live')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('does not go back, nor beyond ten years', async ({ assert }) => {
    const account = await world().newAccount({ test: true })
    await world().clock.advance(account, inDays(10))
    const before = await world().snapshot(account)

    const back = await world().clock.advance(account, inDays(9))
    const far = await world().clock.advance(account, inDays(4000))

    assert.deepEqual([back.outcome, far.outcome], ['past', 'too_far'])
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of an account that was never opened is a fault that says so', async ({ assert }) => {
    await assert.rejects(() => world().clock.now('tst_nobody'), /no account tst_nobody/)
    await assert.rejects(
      () => world().clock.advance('tst_nobody', inDays(1)),
      /no account tst_nobody/
    )
  })

  test('ends grants, in the balance and with an entry', async ({ assert }) => {
    const account = await world().newAccount({ test: true })
    await world().ledger.grant(grantRequest(account, { expiresAt: inDays(5) }))
    assert.equal(await available(world(), account), '110')

    await world().clock.advance(account, inDays(6))

    assert.equal(await available(world(), account), '100')
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.equal(entry.kind, 'expire')
  })

  test('does not end grants of others', async ({ assert }) => {
    const [account, other] = [
      await world().newAccount({ test: true }),
      await world().newAccount({ test: true }),
    ]
    await world().ledger.grant(grantRequest(other, { expiresAt: inDays(5) }))

    await world().clock.advance(account, inDays(6))

    assert.equal(await available(world(), other), '110')
  })

  test('opens new windows, as calls and as the reading of limits see them', async ({ assert }) => {
    const account = await world().newAccount({ test: true })
    const rule = { scope: 'org', measure: 'requests', window: 'month', limit: 1n } as const
    await world().setRule(account, rule)
    await started(world(), account)
    const again = () => world().metered.start(startRequest(account))
    assert.equal(outcomeOf(await again()), 'limit_exceeded')

    await world().clock.advance(account, inDays(32))

    const [state] = await world().quota.states({ accountId: account })
    assert.equal(state.used, 0n)
    assert.isAbove(state.windowEnd!.getTime(), inDays(32).getTime() - 1)
    assert.equal(outcomeOf(await again()), 'started')
  })

  test('does not keep jobs waiting, nor takes leases away', async ({ assert }) => {
    const account = await world().newAccount({ test: true })
    const before = await running(world(), account)
    await world().clock.advance(account, inDays(400))

    const { jobId } = await started(world(), account)
    const [job] = await claim(world())

    assert.equal(job.id, jobId)
    assert.deepEqual(await world().queue.requeueLost(100), [])
    assert.deepEqual(await world().queue.overdue(100), [])
    const kept = await world().queue.heartbeat([leaseOf(before), leaseOf(job)], 30_000)
    assert.lengthOf(kept, 2)
    const finished = await world().metered.finish(finishRequest(job, { cost: '1' }))
    assert.equal(finished.outcome, 'finished')
  })
}
