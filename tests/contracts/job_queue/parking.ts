import { test } from '@japa/runner'
import type { ClaimedJob, JobRef } from '#core/queue/types'
import { claim, finishRequest, leaseOf, running } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function parkingSuite(world: () => World) {
  const refOf = ({ accountId, id }: ClaimedJob): JobRef => ({ accountId, jobId: id })
  const claimOne = (ref: JobRef) =>
    world().queue.claimOne({ ref, worker: 'next', kinds: ['generation'], leaseMs: 30_000 })
  const handle = { task: 'abc' }
  const beganAt = new Date(Date.now() - 5_000)
  const soon = () => ({ handle, beganAt, runAt: new Date(Date.now() + 60_000) })
  const parked = async () => {
    const job = await running(world(), await world().newAccount({ credits: '10' }), { hold: '4' })
    await world().queue.park(leaseOf(job), soon())
    return { job, ref: refOf(job) }
  }
  const story = async ({ accountId, jobId }: JobRef) => {
    const events = await world().streams.read(accountId, jobId, 0)
    return events.map(({ type }) => type)
  }

  test('a parked job runs on, is nobody’s, and goes on in its attempt when it is due', async ({
    assert,
  }) => {
    const { job, ref } = await parked()

    const early = await claimOne(ref)
    await world().endWait(ref)
    const next = await claimOne(ref)

    assert.deepInclude(await world().job(ref), { state: 'running', attempt: 1 })
    assert.deepInclude(early, { is: 'waiting', isDue: false, isBarred: false })
    assert.containSubset(next, {
      is: 'claimed',
      cancelRequested: false,
      job: { attempt: 1, handle, attemptBeganAt: beganAt },
    })
    assert.isAbove(Number((next as { job: ClaimedJob }).job.token), Number(job.token))
    assert.deepEqual(await story(ref), ['queued', 'running', 'submitted'])
  })

  test('it tells of a handle once, however often it is parked with it', async ({ assert }) => {
    const { ref } = await parked()

    for (const task of ['abc', 'abc', 'def']) {
      await world().endWait(ref)
      const next = (await claimOne(ref)) as { job: ClaimedJob }
      const runAt = new Date(Date.now() + 60_000)
      await world().queue.park(leaseOf(next.job), { handle: { task }, beganAt, runAt })
    }

    assert.deepEqual(await story(ref), ['queued', 'running', 'submitted', 'submitted'])
  })

  test('news of its vendor makes it due in a second, however often they come, and no other', async ({
    assert,
  }) => {
    const { ref } = await parked()
    const { ref: other } = await parked()
    const dueIn = async (one: JobRef) => {
      const { dueAt } = (await world().queue.standing(one)) as { dueAt: Date }
      return dueAt.getTime() - Date.now()
    }
    const before = await story(ref)

    for (let n = 0; n < 3; n++) await world().queue.poke(ref)

    assert.isAtMost(await dueIn(ref), 1_000)
    const taskDue = await world().taskDue(ref)
    assert.isAtMost(taskDue.getTime() - Date.now(), 1_000)
    assert.isAbove(await dueIn(other), 30_000)
    assert.deepEqual(await story(ref), before)
  })

  test('who works on a job hears of news, and a neighbour’s job is not meant', async ({
    assert,
  }) => {
    const job = await running(world(), await world().newAccount())
    const heard: JobRef[] = []
    const deafen = world().queue.onPoke((ref) => void heard.push(ref))

    await world().queue.poke(refOf(job))

    deafen()
    await world().queue.poke(refOf(job))
    assert.deepEqual(heard, [refOf(job)])
  })

  test('a claim of many leaves it, as does the sweep of what is lost', async ({ assert }) => {
    const { ref } = await parked()
    await world().endWait(ref)

    assert.deepEqual(await claim(world(), 10), [])
    assert.deepEqual(await world().queue.requeueLost(10), [])
    assert.deepEqual(await world().queue.overdue(10), [])
  })

  test('nobody who parked it writes to it again', async ({ assert }) => {
    const { job, ref } = await parked()
    const before = await world().snapshot(job.accountId)
    const lease = leaseOf(job)

    const late = [
      await world().queue.park(lease, soon()),
      await world().queue.progress(lease, 0.5),
      await world().queue.handOff(lease, { task: 'other' }),
      await world().queue.handBack(lease),
    ]
    const end = await world().metered.finish(finishRequest(job, { cost: '1' }))

    assert.deepEqual(late, [false, false, false, false])
    assert.deepEqual(end, { outcome: 'stale' })
    assert.deepEqual(await world().queue.heartbeat([lease], 30_000), [])
    assert.deepEqual(await world().snapshot(job.accountId), before)
    assert.deepInclude(await world().queue.standing(ref), { is: 'waiting' })
  })

  test('one that nobody came back for is lost, and runs again with its handle', async ({
    assert,
  }) => {
    const { ref } = await parked()
    await world().endLease(ref)

    const lost = await world().queue.requeueLost(10)
    const [again] = await claim(world())

    assert.deepEqual(lost, [ref])
    assert.deepInclude(again, { id: ref.jobId, attempt: 2, handle })
  })

  test('a cancel makes it due, and whoever takes it is told', async ({ assert }) => {
    const { ref } = await parked()

    const canceled = await world().metered.cancel(ref, 'user:usr_a')
    const overdue = await world().queue.overdue(10)
    const next = await claimOne(ref)

    assert.deepEqual(canceled, { outcome: 'requested' })
    assert.deepEqual(overdue, [])
    assert.containSubset(next, { is: 'claimed', cancelRequested: true, job: { handle } })
  })

  test('one that was asked to stop while it was at work is due at once when it is parked', async ({
    assert,
  }) => {
    const job = await running(world(), await world().newAccount())
    await world().metered.cancel(refOf(job), 'user:usr_a')

    await world().queue.park(leaseOf(job), soon())

    assert.deepInclude(await claimOne(refOf(job)), { is: 'claimed', cancelRequested: true })
  })

  test('a canceled one that nobody takes ends all the same, and is free', async ({ assert }) => {
    const { ref } = await parked()
    await world().metered.cancel(ref, 'user:usr_a')
    await world().endLease(ref)

    const overdue = await world().queue.overdue(10)
    const end = await world().metered.expire(ref, 'canceled')

    assert.containSubset(overdue, [{ ...ref, reason: 'canceled' }])
    assert.deepInclude(end, { outcome: 'finished', state: 'canceled' })
    assert.deepInclude(await claimOne(ref), { is: 'ended', state: 'canceled' })
  })

  test('one past its deadline ends with its hold', async ({ assert }) => {
    const { ref } = await parked()
    await world().endDeadline(ref)

    assert.deepInclude(await claimOne(ref), { is: 'waiting', isBarred: true })
    assert.containSubset(await world().queue.overdue(10), [{ ...ref, reason: 'deadline' }])
    const end = await world().metered.expire(ref, 'deadline')
    assert.deepInclude(end, { outcome: 'finished', state: 'expired' })
  })

  test('another attempt does not go on from when the first began', async ({ assert }) => {
    const { ref } = await parked()
    await world().endWait(ref)
    const { job } = (await claimOne(ref)) as { job: ClaimedJob }
    const error = { class: 'provider_failed', message: 'It broke.' } as const
    await world().queue.retry(leaseOf(job), { runAt: new Date(), error })

    const [again] = await claim(world())

    assert.deepInclude(again, { attempt: 2, handle: null, attemptBeganAt: null })
  })
}
