import { test } from '@japa/runner'
import type { ClaimedJob, JobRef } from '#core/queue/types'
import { millisOf } from '#tests/fakes/cloud_tasks/wire'
import { cloudTasksWorld, type CloudTasksWorld } from './metered_jobs/cloud_tasks_world.js'
import { finishRequest, leaseOf, running, started } from './metered_jobs/requests.js'
import { settle } from './ledger.js'

const error = { class: 'provider_failed', message: 'It broke.' } as const

test.group('Outbox of tasks', (group) => {
  let world: CloudTasksWorld
  group.setup(async () => {
    world = await cloudTasksWorld()
  })
  group.each.teardown(() => settle(world))

  /** The times of the tasks of a job, once all that are owed are made. */
  async function tasksOf({ jobId }: JobRef): Promise<(number | null)[]> {
    await world.tell()
    const made = world.tasks.made.filter(({ httpRequest }) => httpRequest!.url!.endsWith(jobId))
    return made.map(({ scheduleTime }) => millisOf(scheduleTime as never))
  }
  const refOf = ({ accountId, id }: ClaimedJob): JobRef => ({ accountId, jobId: id })
  const claimOne = async (ref: JobRef) => {
    const request = { ref, worker: 'w', kinds: ['generation'], leaseMs: 30_000 }
    const claim = await world.queue.claimOne(request)
    if (claim.is !== 'claimed') throw new Error(`not claimed: ${claim.is}`)
    return claim.job
  }

  test('a job that was committed is told of, once, and not again while it waits', async ({
    assert,
  }) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const ref = await started(world, await world.newAccount(), { traceparent })

    assert.deepEqual(await tasksOf(ref), [null])
    assert.deepEqual(await tasksOf(ref), [null])
    const { httpRequest } = world.tasks.made.at(-1)!
    assert.equal(httpRequest!.headers!.traceparent, traceparent)
    assert.deepEqual(JSON.parse(String(httpRequest!.body)), {
      account: ref.accountId,
      job: ref.jobId,
    })
  })

  test('a job that somebody works on, or that ended, is told of no more', async ({ assert }) => {
    const job = await running(world, await world.newAccount())
    assert.lengthOf(await tasksOf(refOf(job)), 1)

    await world.metered.finish(finishRequest(job, { cost: '1' }))

    assert.lengthOf(await tasksOf(refOf(job)), 1)
  })

  test('each time that a job waits again it is told of again, for when it is due', async ({
    assert,
  }) => {
    const job = await running(world, await world.newAccount())
    const ref = refOf(job)
    const soon = new Date(Date.now() + 60_000)

    await world.queue.retry(leaseOf(job), { runAt: soon, error })
    const afterRetry = await tasksOf(ref)
    await world.endWait(ref)
    await world.queue.handBack(leaseOf(await claimOne(ref)))
    const afterHandBack = await tasksOf(ref)
    const handle = { task: 'x' }
    await world.queue.park(leaseOf(await claimOne(ref)), {
      handle,
      runAt: soon,
      beganAt: new Date(),
    })
    const afterPark = await tasksOf(ref)
    await world.endWait(ref)
    await claimOne(ref)
    await world.endLease(ref)
    await world.queue.requeueLost(10)

    assert.deepEqual(afterRetry, [null, soon.getTime()])
    assert.deepEqual(afterHandBack, [null, soon.getTime(), null])
    assert.deepEqual(afterPark, [null, soon.getTime(), null, soon.getTime()])
    assert.deepEqual(await tasksOf(ref), [null, soon.getTime(), null, soon.getTime(), null])
  })

  test('a dead letter that is done again is told of again', async ({ assert }) => {
    const accountId = await world.newAccount()
    const [{ jobId }] = await world.queue.add([{ accountId, kind: 'plain', payload: {} }])
    const ref = { accountId, jobId }
    const request = { ref, worker: 'w', kinds: ['plain'], leaseMs: 30_000 }
    const claim = await world.queue.claimOne(request)
    if (claim.is !== 'claimed') throw new Error('not claimed')
    await world.queue.finish(leaseOf(claim.job), { state: 'failed', error })

    assert.equal(await world.queue.redrive(ref, 'user:usr_a'), 'queued')

    assert.lengthOf(await tasksOf(ref), 2)
  })

  test('a job that is due in more than an hour is told of when it is nearer', async ({
    assert,
  }) => {
    const deadline = new Date(Date.now() + 5 * 3_600_000)
    const job = await running(world, await world.newAccount(), { deadline })
    const ref = refOf(job)
    await world.queue.retry(leaseOf(job), { runAt: new Date(Date.now() + 2 * 3_600_000), error })

    assert.lengthOf(await tasksOf(ref), 1)
    await world.endWait(ref)
    assert.lengthOf(await tasksOf(ref), 2)
  })

  test('a task that never came is made again, after twice the wait each time', async ({
    assert,
  }) => {
    const ref = await started(world, await world.newAccount())
    await world.tell()

    const waits = []
    for (let round = 1; round <= 3; round++) {
      const due = await world.taskDue(ref)
      waits.push(Math.round((due.getTime() - Date.now()) / 60_000))
      await world.endTaskWait(ref)
      assert.lengthOf(await tasksOf(ref), round + 1)
    }
    assert.deepEqual(waits, [1, 2, 4])
  })

  test('what a relay took and died with is told of by another a minute later', async ({
    assert,
  }) => {
    const ref = await started(world, await world.newAccount())
    world.tasks.fault = { hang: 'before' }
    const hung = world.tell()
    while ((await world.taskDue(ref)) === null) continue
    const other = await world.neighbour()
    world.tasks.fault = null

    await world.endTaskWait(ref)
    await other.queue.claim({ worker: 'w', kinds: ['none'], limit: 1, leaseMs: 1 })
    await other.close()

    const made = world.tasks.made.filter(({ httpRequest }) => httpRequest!.url!.endsWith(ref.jobId))
    assert.isAtLeast(made.length, 1)
    // The first one gives up and pauses; the tests that follow need it.
    await hung
    while (world.queue.trouble()) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      await world.tell()
    }
  }).timeout(30_000)

  test('of many relays at once, one tells of each job', async ({ assert }) => {
    const account = await world.newAccount()
    const refs = await Promise.all(Array.from({ length: 60 }, () => started(world, account)))
    const others = await Promise.all([world.neighbour(), world.neighbour()])
    const look = { worker: 'w', kinds: ['none'], limit: 1, leaseMs: 1 }

    await Promise.all([world.tell(), ...others.map(({ queue }) => queue.claim(look))])
    for (const other of others) await other.close()

    for (const ref of refs) assert.lengthOf(await tasksOf(ref), 1)
  })

  test('a queued job that was canceled, or whose time is over, is told of no more', async ({
    assert,
  }) => {
    const account = await world.newAccount()
    const canceled = await started(world, account)
    const late = await started(world, account)
    await world.metered.cancel(canceled, 'user:usr_a')
    await world.endDeadline(late)

    assert.deepEqual(await tasksOf(canceled), [])
    assert.deepEqual(await tasksOf(late), [])
  })

  test('a parked job that is canceled is told of at once, so that its vendor hears of it', async ({
    assert,
  }) => {
    const job = await running(world, await world.newAccount())
    const runAt = new Date(Date.now() + 60_000)
    await world.queue.park(leaseOf(job), { handle: { task: 'x' }, runAt, beganAt: new Date() })
    await tasksOf(refOf(job))

    await world.metered.cancel(refOf(job), 'user:usr_a')

    assert.deepEqual(await tasksOf(refOf(job)), [null, runAt.getTime(), null])
  })
})
