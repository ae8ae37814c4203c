import { test } from '@japa/runner'
import { claim, finishRequest, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function leasesSuite(world: () => World) {
  test('a heartbeat renews what is still ours, and leaves out what was lost', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const kept = await running(world(), account)
    const lost = await running(world(), account)
    const lostRef = { accountId: account, jobId: lost.id }
    await world().endLease({ accountId: account, jobId: kept.id })
    await world().endLease(lostRef)
    await world().queue.heartbeat([leaseOf(kept)], 30_000)
    await world().queue.requeueLost(10)

    const leases = await world().queue.heartbeat([leaseOf(kept), leaseOf(lost)], 30_000)

    assert.deepEqual(leases, [{ accountId: account, jobId: kept.id, cancelRequested: false }])
    const again = await claim(world(), 5)
    assert.deepEqual(
      again.map(({ id }) => id),
      [lost.id]
    )
  })

  test('a heartbeat tells that a cancel was asked for', async ({ assert }) => {
    const job = await running(world(), await world().newAccount())
    await world().metered.cancel({ accountId: job.accountId, jobId: job.id }, 'user:usr_a')

    const [lease] = await world().queue.heartbeat([leaseOf(job)], 30_000)

    assert.isTrue(lease.cancelRequested)
  })

  test('a heartbeat of nothing, or of a finished job, renews nothing', async ({ assert }) => {
    const job = await running(world(), await world().newAccount())
    await world().metered.finish(finishRequest(job, { cost: '1' }))

    assert.deepEqual(await world().queue.heartbeat([], 30_000), [])
    assert.deepEqual(await world().queue.heartbeat([leaseOf(job)], 30_000), [])
  })

  test('a job whose worker went silent runs again, and the first worker is fenced off', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const first = await running(world(), account)
    const ref = { accountId: account, jobId: first.id }
    await world().endLease(ref)

    const requeued = await world().queue.requeueLost(10)
    const [second] = await claim(world(), 5)

    assert.deepEqual(requeued, [ref])
    assert.deepInclude(second, { id: first.id, attempt: 2 })
    assert.deepEqual(await world().queue.heartbeat([leaseOf(first)], 30_000), [])
    assert.isAbove(Number(second.token), Number(first.token))
    const late = await world().metered.finish(finishRequest(first, { cost: '1' }))
    assert.deepEqual(late, { outcome: 'stale' })
    const result = await world().metered.finish(finishRequest(second, { cost: '1' }))
    assert.equal(result.outcome, 'finished')
  })

  test('a lease that holds, or a job that was asked to stop, is not requeued', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    await running(world(), account)
    const canceled = await running(world(), account)
    const ref = { accountId: account, jobId: canceled.id }
    await world().metered.cancel(ref, 'user:usr_a')
    await world().endLease(ref)

    assert.deepEqual(await world().queue.requeueLost(10), [])
    assert.deepEqual(await world().queue.overdue(10), [
      { ...ref, metered: true, reason: 'canceled' },
    ])
  })

  test('of two sweepers at once, each lost job is requeued by one', async ({ assert }) => {
    const account = await world().newAccount()
    for (let index = 0; index < 10; index++) await started(world(), account)
    const jobs = await claim(world(), 10)
    for (const job of jobs) await world().endLease({ accountId: account, jobId: job.id })
    const other = await world().neighbour()

    const [one, two] = await Promise.all([
      world().queue.requeueLost(100),
      other.queue.requeueLost(100),
    ])
    await other.close()

    const requeued = [...one, ...two].map(({ jobId }) => jobId)
    assert.lengthOf(requeued, 10)
    assert.equal(new Set(requeued).size, 10)
  })

  test('a handle outlives the worker that stored it, so that the next one polls', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const first = await running(world(), account)
    const handle = { task: 'abc', nested: { at: 1 } }
    await world().queue.handOff(leaseOf(first), handle)
    await world().endLease({ accountId: account, jobId: first.id })
    await world().queue.requeueLost(10)

    const [second] = await claim(world(), 5)

    assert.deepEqual(second.handle, handle)
  })

  test('a job is in doubt when its worker was lost without a handle, and only then', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const [blind, known] = [await running(world(), account), await running(world(), account)]
    await world().queue.handOff(leaseOf(known), { task: 'abc' })
    for (const { id } of [blind, known]) await world().endLease({ accountId: account, jobId: id })
    await world().queue.requeueLost(10)

    const again = await claim(world(), 5)
    const doubts = Object.fromEntries(again.map(({ id, inDoubt }) => [id, inDoubt]))

    assert.isFalse(blind.inDoubt)
    assert.deepEqual(doubts, { [blind.id]: true, [known.id]: false })
    const second = again.find(({ id }) => id === blind.id)!
    await world().queue.handBack(leaseOf(second))
    const [third] = await claim(world(), 5)
    assert.isTrue(third.inDoubt)
    await world().queue.handOff(leaseOf(third), { task: 'found' })
    await world().queue.handBack(leaseOf(third))
    const [fourth] = await claim(world(), 5)
    assert.deepInclude(fourth, { inDoubt: false, handle: { task: 'found' } })
  })

  test('a worker that heard nothing puts its job back in doubt, and one that heard a no does not', async ({
    assert,
  }) => {
    const job = await running(world(), await world().newAccount())
    const error = { class: 'outcome_unknown', message: 'Silence.' } as const

    await world().queue.retry(leaseOf(job), { runAt: new Date(), error, free: true, inDoubt: true })
    const [asked] = await claim(world())
    await world().queue.retry(leaseOf(asked), { runAt: new Date(), error })
    const [fresh] = await claim(world())
    await world().queue.handBack(leaseOf(fresh), { inDoubt: true })
    const [cut] = await claim(world())

    assert.deepEqual(
      [asked, fresh, cut].map(({ inDoubt }) => inDoubt),
      [true, false, true]
    )
  })

  const late: Record<string, (lease: ReturnType<typeof leaseOf>) => Promise<boolean>> = {
    'progress': (lease) => world().queue.progress(lease, 0.5),
    'a handle': (lease) => world().queue.handOff(lease, { task: 'x' }),
    'what is left to do': (lease) => world().queue.keep(lease, { task: 'x' }),
    'a retry': (lease) =>
      world().queue.retry(lease, {
        runAt: new Date(),
        error: { class: 'internal', message: 'It broke.' },
      }),
    'a hand-back': (lease) => world().queue.handBack(lease),
  }
  test('{$self} of a worker that lost its lease is refused and writes nothing')
    .with(Object.keys(late))
    .run(async ({ assert }, name) => {
      const account = await world().newAccount()
      const first = await running(world(), account)
      await world().endLease({ accountId: account, jobId: first.id })
      await world().queue.requeueLost(10)
      const queued = await world().snapshot(account)

      const whileQueued = await late[name](leaseOf(first))
      const unchanged = await world().snapshot(account)
      const [second] = await claim(world(), 5)
      const taken = await world().snapshot(account)
      const whileTaken = await late[name](leaseOf(first))

      assert.deepEqual([whileQueued, whileTaken], [false, false])
      assert.deepEqual(unchanged, queued)
      assert.deepEqual(await world().snapshot(account), taken)
      assert.isTrue(await late[name](leaseOf(second)))
    })
}
