import { test } from '@japa/runner'
import { finishRequest, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function sweepingSuite(world: () => World) {
  test('jobs past their deadline are overdue, whether they wait or run', async ({ assert }) => {
    const account = await world().newAccount()
    const waiting = await running(world(), account)
    const busy = await running(world(), account)
    await world().queue.handBack(leaseOf(waiting))
    const refs = [waiting, busy].map(({ id }) => ({ accountId: account, jobId: id }))
    for (const ref of refs) await world().endDeadline(ref)

    const overdue = await world().queue.overdue(10)

    assert.sameDeepMembers(
      overdue,
      refs.map((ref) => ({ ...ref, metered: true, reason: 'deadline' }))
    )
    assert.lengthOf(await world().queue.overdue(1), 1)
  })

  test('a job with time left, or one that ended, is not overdue', async ({ assert }) => {
    const account = await world().newAccount()
    const done = await running(world(), account)
    await world().metered.finish(finishRequest(done, { cost: '1' }))
    await world().endDeadline({ accountId: account, jobId: done.id })
    await started(world(), account)
    await running(world(), account)

    assert.deepEqual(await world().queue.overdue(10), [])
  })

  test('a job that was asked to stop is overdue once nobody is left to hear it', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const ref = { accountId: account, jobId: job.id }
    await world().metered.cancel(ref, 'user:usr_a')
    const leased = await world().queue.overdue(10)

    await world().queue.handBack(leaseOf(job))

    assert.deepEqual(leased, [])
    assert.deepEqual(await world().queue.overdue(10), [
      { ...ref, metered: true, reason: 'canceled' },
    ])
  })

  test('many sweepers end a job once', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const ref = await started(world(), account)
    await world().endDeadline(ref)
    const other = await world().neighbour()

    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? world() : other).metered.expire(ref, 'deadline')
      )
    )
    await other.close()

    assert.lengthOf(
      results.filter(({ outcome }) => outcome === 'finished'),
      1
    )
    assert.lengthOf(
      results.filter(({ outcome }) => outcome === 'resolved'),
      7
    )
    const events = await world().streams.read(account, ref.jobId, 0)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['queued', 'released', 'expired']
    )
  })
}
