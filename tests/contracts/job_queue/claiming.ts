import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { claim, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function claimingSuite(world: () => World) {
  const ids = (jobs: { id: string }[]) => jobs.map(({ id }) => id)
  const several = async (count: number) => {
    const account = await world().newAccount()
    const refs = []
    for (let index = 0; index < count; index++) refs.push(await started(world(), account))
    return refs
  }

  test('an empty queue answers with nothing', async ({ assert }) => {
    assert.deepEqual(await claim(world(), 5), [])
  })

  test('a batch has at most as many jobs as were asked for, the oldest first', async ({
    assert,
  }) => {
    const refs = await several(5)

    const first = await claim(world(), 3)
    const rest = await claim(world(), 3)

    assert.sameMembers(
      ids(first),
      refs.slice(0, 3).map(({ jobId }) => jobId)
    )
    assert.sameMembers(
      ids(rest),
      refs.slice(3).map(({ jobId }) => jobId)
    )
  })

  test('a job is handed out whole, with its first attempt and a token', async ({ assert }) => {
    const account = await world().newAccount()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const deadline = new Date(Date.now() + 60_000)
    const ref = await started(world(), account, { deadline, maxAttempts: 4, traceparent })

    const [job] = await claim(world())

    assert.deepEqual(job, {
      accountId: account,
      id: ref.jobId,
      kind: 'generation',
      payload: { generation: ref.generationId },
      attempt: 1,
      maxAttempts: 4,
      token: 1n,
      handle: null,
      inDoubt: false,
      attemptBeganAt: null,
      createdAt: job.createdAt,
      deadline,
      traceparent,
    })
    const [, event] = await world().streams.read(account, ref.jobId, 0)
    assert.deepInclude(event, { seq: 2, type: 'running', data: { attempt: 1 } })
  })

  test('only jobs of the kinds that were asked for are handed out', async ({ assert }) => {
    await several(1)
    const request = { worker: 'worker', limit: 5, leaseMs: 30_000 }

    assert.deepEqual(await world().queue.claim({ ...request, kinds: ['other'] }), [])
    assert.deepEqual(await world().queue.claim({ ...request, kinds: [] }), [])
    assert.lengthOf(await world().queue.claim({ ...request, kinds: ['other', 'generation'] }), 1)
  })

  test('workers that claim at once never get the same job, and leave none', async ({ assert }) => {
    const refs = await several(40)
    const other = await world().neighbour()

    const batches = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        claim(index % 2 ? world() : other, 5, `worker-${index}`)
      )
    )
    batches.push(await claim(world(), 40))
    await other.close()

    const claimed = ids(batches.flat())
    assert.equal(new Set(claimed).size, claimed.length)
    assert.sameMembers(
      claimed,
      refs.map(({ jobId }) => jobId)
    )
  })

  test('a higher priority goes first, whatever waited longer', async ({ assert }) => {
    const [first, urgent, lazy] = await several(3)
    await world().setPriority(urgent, 10)
    await world().setPriority(lazy, -10)

    const order = []
    for (let index = 0; index < 3; index++) order.push(...ids(await claim(world())))

    assert.deepEqual(order, [urgent.jobId, first.jobId, lazy.jobId])
  })

  test('a job that is due later waits', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const error = { class: 'provider_failed', message: 'It broke.' } as const

    await world().queue.retry(leaseOf(job), { runAt: new Date(Date.now() + 60_000), error })

    assert.deepEqual(await claim(world(), 5), [])
  })

  test('a job past its deadline is not handed out', async ({ assert }) => {
    const [ref] = await several(1)
    await world().endDeadline(ref)

    assert.deepEqual(await claim(world(), 5), [])
  })

  test('a job without a live hold is not handed out', async ({ assert }) => {
    const [ref] = await several(1)

    await world().withoutHold(ref, async () => {
      assert.deepEqual(await claim(world(), 5), [])
    })

    assert.deepEqual(ids(await claim(world(), 5)), [ref.jobId])
  })

  test('a job that was asked to stop is not handed out again', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const ref = { accountId: account, jobId: job.id }
    await world().metered.cancel(ref, 'user:usr_a')
    const error = { class: 'transient_before_accept', message: 'Busy.' } as const
    await world().queue.retry(leaseOf(job), { runAt: new Date(), error })

    assert.deepEqual(await claim(world(), 5), [])

    assert.deepEqual(await world().queue.overdue(5), [
      { ...ref, metered: true, reason: 'canceled' },
    ])
    const result = await world().metered.expire(ref, 'canceled')
    assert.deepInclude(result, { outcome: 'finished', state: 'canceled' })
  })

  test('the depth counts what waits and what runs', async ({ assert }) => {
    await several(3)
    await claim(world(), 1)

    const depth = await world().queue.depth()

    assert.deepInclude(depth, { queued: 2, running: 1 })
    assert.isAtMost(depth.oldestQueuedAt!.getTime(), Date.now() + 1000)
  })

  test('whoever listens hears of work and of cancels, in both processes, until it stops', async ({
    assert,
  }) => {
    const other = await world().neighbour()
    const job = await running(world(), await world().newAccount())
    const ref = { accountId: job.accountId, jobId: job.id }
    // A set, and of this job: words of earlier tests may still be under way.
    const heard = new Set<string>()
    const { promise, resolve } = Promise.withResolvers<void>()
    const hear = (what: string) => {
      heard.add(what)
      if (heard.size === 4) resolve()
    }
    const listen = (name: string, queue: World['queue']) => [
      queue.onWork(() => hear(`${name} work`)),
      queue.onCancel(({ jobId }) => {
        if (jobId === ref.jobId) hear(`${name} cancel`)
      }),
    ]
    const stops = [...listen('here', world().queue), ...listen('there', other.queue)]

    world().queue.wake()
    await world().metered.cancel(ref, 'user:usr_a')
    await promise

    assert.sameMembers([...heard], ['here work', 'there work', 'here cancel', 'there cancel'])
    for (const stop of stops) stop()
    heard.clear()
    world().queue.wake()
    await wait(100)
    assert.equal(heard.size, 0)
    await other.close()
  })
}
