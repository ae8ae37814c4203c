import { test } from '@japa/runner'
import type { ClaimedJob } from '#core/queue/types'
import {
  balanceOf,
  claim,
  credits,
  finishRequest,
  leaseOf,
  running,
  started,
  usage,
} from './requests.js'
import type { World } from './world.js'

const UPPER = '70000'

/** What the platform eats of work that nobody pays for. */
export function losingSuite(world: () => World) {
  const pricePins = { candidates: { 'acme/painter': { upper: UPPER } } }
  const refOf = ({ accountId, id }: ClaimedJob) => ({ accountId, jobId: id })
  const working = (account: string) => running(world(), account, { hold: '2', pricePins })
  const late = (job: ClaimedJob, cost = '1.5') =>
    world().metered.late({
      lease: leaseOf(job),
      attempt: job.attempt,
      cost: credits(cost),
      usage: { ...usage, providerRequestId: `task_${job.id}` },
    })
  async function lossesOf(account: string) {
    const losses = await world().ledger.losses(account, { limit: 10 })
    return losses.map(({ kind, price, vendorCostMicroUsd, assumed }) =>
      [kind, price, vendorCostMicroUsd, assumed ? 'assumed' : 'measured'].join(' ')
    )
  }

  test('a loss that comes with a failure is booked with it, and the user pays nothing', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)
    const loss = {
      kind: 'asset_lost' as const,
      credits: credits('1.5'),
      vendorCostMicroUsd: 40_000n,
      assumed: true,
    }

    await world().metered.finish({ ...finishRequest(job, { cost: '0', state: 'failed' }), loss })

    assert.deepEqual(await lossesOf(account), ['asset_lost 1.5 40000 assumed'])
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('a failure that a policy charges is paid, and the rest of the hold comes back', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)

    const result = await world().metered.finish(
      finishRequest(job, { cost: '0.5', state: 'failed' })
    )

    assert.deepEqual(result, { outcome: 'finished', state: 'failed', charged: credits('0.5') })
    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'failed', credits: '0.5' },
    ])
    assert.deepEqual(await balanceOf(world(), account), { available: '9.5', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('work that was under way at the deadline is lost at its upper, and its attempt recorded', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)
    await world().endDeadline(refOf(job))

    await world().metered.expire(refOf(job), 'deadline')

    assert.deepEqual(await lossesOf(account), [`unknown 2 ${UPPER} assumed`])
    assert.deepEqual(await world().usage(account), [{ attempt: 1, status: 'failed', credits: '0' }])
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('work that nobody began is no loss', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const ref = await started(world(), account, { pricePins })
    await world().endDeadline(ref)

    await world().metered.expire(ref, 'deadline')

    assert.deepEqual(await lossesOf(account), [])
    assert.deepEqual(await world().usage(account), [])
  })

  test('a late result is usage at price 0 and a loss, which corrects what was assumed, once', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)
    await world().endDeadline(refOf(job))
    await world().metered.expire(refOf(job), 'deadline')

    const told = await Promise.all([late(job), late(job), late(job)])

    assert.deepEqual(told.filter(Boolean), [true])
    const losses = await lossesOf(account)
    assert.sameMembers(losses, [`unknown 2 ${UPPER} assumed`, 'late -0.5 -30000 measured'])
    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'succeeded', credits: '0' },
    ])
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('a late result corrects what another attempt, that found the job in doubt, assumed', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await working(account)
    await world().endLease(refOf(first))
    await world().queue.requeueLost(10)
    const claimed = await claim(world(), 100)
    const second = claimed.find(({ id }) => id === first.id)!
    await world().endDeadline(refOf(second))
    await world().metered.expire(refOf(second), 'deadline')

    assert.isTrue(await late(first))

    const losses = await lossesOf(account)
    assert.sameMembers(losses, [`unknown 2 ${UPPER} assumed`, 'late -0.5 -30000 measured'])
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('a queued job that its vendor may have is lost at its upper when it is canceled', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)
    await world().endLease(refOf(job))
    await world().queue.requeueLost(10)

    const result = await world().metered.cancel(refOf(job), 'system:test')

    assert.deepEqual(result, { outcome: 'canceled' })
    assert.deepEqual(await lossesOf(account), [`unknown 2 ${UPPER} assumed`])
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await world().ledger.verify(account), [])
  })

  test('a result after an end that assumed nothing is a loss as it stands', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '2' })
    await world().endDeadline(refOf(job))
    await world().metered.expire(refOf(job), 'deadline')

    assert.isTrue(await late(job))

    assert.deepEqual(await lossesOf(account), ['late 1.5 40000 measured'])
  })

  test('nothing is late while the job is open, or of the one who ended it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await working(account)

    assert.isFalse(await late(job))
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    const before = await world().snapshot(account)
    assert.isFalse(await late(job))
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the work that another attempt was paid for is not lost', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await working(account)
    await world().endLease(refOf(first))
    await world().queue.requeueLost(10)
    const [second] = await world().queue.claim({
      worker: 'second',
      kinds: ['generation'],
      limit: 1,
      leaseMs: 30_000,
    })
    const request = finishRequest(second, { cost: '1' })
    const providerRequestId = `task_${first.id}`
    await world().metered.finish({ ...request, usage: { ...request.usage, providerRequestId } })

    assert.isFalse(await late(first))
    assert.deepEqual(await lossesOf(account), [])
  })
}
