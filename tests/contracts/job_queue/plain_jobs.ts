import { test } from '@japa/runner'
import type { NewJob } from '#core/queue/plain_jobs'
import type { ClaimedJob } from '#core/queue/types'
import { leaseOf, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

const KIND = 'errand'

export function plainJobsSuite(world: () => World) {
  const take = (limit = 100): Promise<ClaimedJob[]> =>
    world().queue.claim({ worker: 'worker', kinds: [KIND], limit, leaseMs: 30_000 })
  const errand = (accountId: string, options: Partial<NewJob> = {}): NewJob => ({
    accountId,
    kind: KIND,
    payload: {},
    ...options,
  })
  const add = async (options?: Partial<NewJob>) => {
    const accountId = await world().newAccount()
    const [{ jobId }] = await world().queue.add([errand(accountId, options)])
    return { accountId, jobId }
  }
  const story = async ({ accountId, jobId }: { accountId: string; jobId: string }) => {
    const events = await world().streams.read(accountId, jobId, 0)
    return events.map(({ type }) => type)
  }

  test('a plain job is handed out whole and ends without touching credits', async ({ assert }) => {
    const accountId = await world().newAccount({ credits: '10' })
    const payload = { endpoint: 'end_1', nested: { list: [1, 'two', null] } }
    const [{ jobId }] = await world().queue.add([errand(accountId, { payload, maxAttempts: 4 })])
    const before = await world().ledger.balance(accountId)

    const [job] = await take()
    const ended = await world().queue.finish(leaseOf(job), { state: 'succeeded' })

    assert.deepInclude(job, { id: jobId, accountId, kind: KIND, payload, maxAttempts: 4 })
    assert.isTrue(ended)
    assert.deepEqual(await story({ accountId, jobId }), ['queued', 'running', 'succeeded'])
    assert.deepEqual(await world().ledger.balance(accountId), before)
    assert.deepEqual(await world().ledger.verify(accountId), [])
  })

  test('jobs are there if and only if the transaction they were added in commits', async ({
    assert,
  }) => {
    const accountId = await world().newAccount()
    const jobs = [errand(accountId, { payload: { n: 1 } }), errand(accountId)]

    await world().transaction(async (transaction) => {
      await world().queue.add(jobs, transaction)
      assert.deepEqual(await take(), [])
      return 'undo'
    })
    assert.deepEqual(await take(), [])

    await world().transaction(async (transaction) => {
      await world().queue.add(jobs, transaction)
      return 'commit'
    })
    assert.lengthOf(await take(), 2)
  })

  test('a job that is due later waits for its time', async ({ assert }) => {
    const ref = await add({ runAt: new Date(Date.now() + 60_000) })
    assert.deepEqual(await take(), [])

    await world().endWait(ref)

    assert.lengthOf(await take(), 1)
  })

  test('of jobs with one dedupe key one is open at a time, and the others hear of it', async ({
    assert,
  }) => {
    const accountId = await world().newAccount()
    const twin = errand(accountId, { dedupeKey: 'sync' })
    const other = await world().newAccount()

    const [first] = await world().queue.add([twin])
    const [second, stranger, kin] = await world().queue.add([
      twin,
      errand(other, { dedupeKey: 'sync' }),
      errand(accountId, { dedupeKey: 'else' }),
    ])
    const jobs = await take()
    const [third] = await world().queue.add([twin])
    await Promise.all(jobs.map((job) => world().queue.finish(leaseOf(job), { state: 'succeeded' })))
    const [fourth] = await world().queue.add([twin])

    assert.isTrue(first.added)
    assert.deepEqual(second, { jobId: first.jobId, added: false })
    assert.isTrue(stranger.added && kin.added)
    assert.deepEqual(third, { jobId: first.jobId, added: false })
    assert.isTrue(fourth.added)
  })

  test('many that add one job at once add it once', async ({ assert }) => {
    const accountId = await world().newAccount()
    const other = await world().neighbour()
    const twin = errand(accountId, { dedupeKey: 'sync' })

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? world() : other).queue.add([twin]))
    )
    await other.close()

    assert.lengthOf(
      answers.flat().filter(({ added }) => added),
      1
    )
    assert.equal(new Set(answers.flat().map(({ jobId }) => jobId)).size, 1)
  })

  test('an id that is taken adds nothing', async ({ assert }) => {
    const accountId = await world().newAccount()
    const job = errand(accountId, { id: 'job_mine' })

    const [first] = await world().queue.add([job])
    const [second] = await world().queue.add([job])

    assert.deepEqual(
      [first, second].map(({ added }) => added),
      [true, false]
    )
    assert.lengthOf(await take(), 1)
  })

  test('a payload of more than 8 kB is refused, and nothing is added', async ({ assert }) => {
    const accountId = await world().newAccount()
    const large = errand(accountId, { payload: { text: 'x'.repeat(8_192) } })

    await assert.rejects(() => world().queue.add([errand(accountId), large]), /more than 8 kB/)

    assert.deepEqual(await take(), [])
  })

  test('a job that was not begun in time expires; one that was begun goes on', async ({
    assert,
  }) => {
    const late = await add({ startBy: new Date(Date.now() + 60_000) })
    const begun = await add({ startBy: new Date(Date.now() + 60_000), priority: 1 })
    const jobs = await take()
    const job = jobs.find(({ id }) => id === begun.jobId)!
    const again = jobs.find(({ id }) => id === late.jobId)!
    await world().queue.finish(leaseOf(again), { state: 'succeeded' })
    const unbegun = await add({ startBy: new Date(Date.now() - 1_000) })

    assert.deepEqual(await take(), [])
    await world().queue.handBack(leaseOf(job))
    await world().endStart(begun)

    assert.deepEqual(await world().queue.overdue(10), [
      { ...unbegun, metered: false, reason: 'deadline' },
    ])
    assert.isTrue(await world().queue.expire(unbegun))
    assert.isFalse(await world().queue.expire(unbegun))
    assert.isFalse(await world().queue.expire(begun))
    assert.deepEqual(await story(unbegun), ['queued', 'expired'])
    assert.lengthOf(await take(), 1)
  })

  test('a failure for good keeps its reason', async ({ assert }) => {
    const ref = await add()
    const [job] = await take()
    const error = { class: 'internal', message: 'Gone.', providerCode: '410' } as const

    await world().queue.finish(leaseOf(job), { state: 'failed', error })

    const { accountId, jobId } = ref
    const [event] = await world().streams.read(accountId, jobId, 2)
    assert.deepInclude(event, {
      type: 'failed',
      data: { error: { class: 'internal', message: 'Gone.', provider_code: '410' } },
    })
  })

  test('an end of a worker that lost its lease changes nothing', async ({ assert }) => {
    const ref = await add()
    const [first] = await take()
    await world().endLease(ref)
    await world().queue.requeueLost(10)
    const [second] = await take()

    const late = await world().queue.finish(leaseOf(first), { state: 'succeeded' })
    const right = await world().queue.finish(leaseOf(second), { state: 'succeeded' })
    const twice = await world().queue.finish(leaseOf(second), { state: 'succeeded' })

    assert.deepEqual([late, right, twice], [false, true, false])
    const told = ['queued', 'running', 'lease_lost', 'running', 'succeeded']
    assert.deepEqual(await story(ref), told)
  })

  test('ends of one moment are each its own', async ({ assert }) => {
    const accountId = await world().newAccount()
    await world().queue.add(Array.from({ length: 20 }, () => errand(accountId)))
    const jobs = await take()
    const stale = { ...leaseOf(jobs[7]), token: 99n }
    const error = { class: 'internal', message: 'No.' } as const

    const answers = await Promise.all([
      ...jobs.map((job, n) =>
        world().queue.finish(
          leaseOf(job),
          n % 2 ? { state: 'failed', error } : { state: 'succeeded' }
        )
      ),
      world().queue.finish(stale, { state: 'succeeded' }),
    ])

    assert.deepEqual(answers, [...Array.from({ length: 20 }, () => true), false])
    for (const [n, { id }] of jobs.entries()) {
      const [, , last] = await story({ accountId, jobId: id })
      assert.equal(last, n % 2 ? 'failed' : 'succeeded')
    }
  })

  test('an end that cannot be written keeps no other from being written', async ({ assert }) => {
    const accountId = await world().newAccount()
    await world().queue.add(Array.from({ length: 9 }, () => errand(accountId)))
    const jobs = await take()
    const torn = { class: 'internal', message: 'a\0b\uD800' } as const

    const answers = await Promise.allSettled(
      jobs.map((job, n) =>
        world().queue.finish(
          leaseOf(job),
          n === 4
            ? { state: 'nonsense' as 'succeeded' }
            : n === 5
              ? { state: 'failed', error: torn }
              : { state: 'succeeded' }
        )
      )
    )

    const written = answers.map((answer) => answer.status === 'fulfilled' && answer.value)
    assert.deepEqual(
      written,
      jobs.map((_job, n) => n !== 4)
    )
    const event = await world().streams.read(accountId, jobs[5].id, 2)
    assert.containSubset(event, [{ data: { error: { message: 'a\uFFFDb\uFFFD' } } }])
  })

  test('a job with a price is not ended, canceled or expired as a plain one', async ({
    assert,
  }) => {
    const ref = await started(world(), await world().newAccount())
    const claimed = await world().queue.claim({
      worker: 'worker',
      kinds: ['generation'],
      limit: 1,
      leaseMs: 30_000,
    })
    const before = await world().snapshot(ref.accountId)

    assert.isFalse(await world().queue.finish(leaseOf(claimed[0]), { state: 'succeeded' }))
    assert.deepEqual(await world().queue.cancel(ref, 'user:usr_a'), { outcome: 'missing' })
    assert.isFalse(await world().queue.expire(ref))

    assert.deepEqual(await world().snapshot(ref.accountId), before)
  })

  test('a queued one is canceled at once, a running one is asked and ends as canceled', async ({
    assert,
  }) => {
    const queued = await add()
    const canceled = await world().queue.cancel(queued, 'user:usr_a')
    const running = await add()
    const [job] = await take()
    const asked = await world().queue.cancel(running, 'user:usr_a')
    await world().queue.finish(leaseOf(job), { state: 'canceled' })
    const late = await world().queue.cancel(running, 'user:usr_a')

    assert.deepEqual([canceled, asked], [{ outcome: 'canceled' }, { outcome: 'requested' }])
    assert.deepEqual(late, { outcome: 'resolved', state: 'canceled' })
    assert.deepEqual(await story(queued), ['queued', 'canceled'])
    assert.deepEqual(await story(running), ['queued', 'running', 'cancel_requested', 'canceled'])
  })

  test('a dead letter that is driven again has all its tries and its time, and the old worker none', async ({
    assert,
  }) => {
    const ref = await add({ maxAttempts: 2 })
    const [dead] = await take()
    const error = { class: 'internal', message: 'Gone.' } as const
    await world().queue.finish(leaseOf(dead), { state: 'failed', error })

    const queued = await world().queue.redrive(ref, 'user:usr_a')
    const twice = await world().queue.redrive(ref, 'user:usr_a')
    const late = await world().queue.finish(leaseOf(dead), { state: 'succeeded' })
    const [again] = await take()

    assert.deepEqual([queued, twice, late], ['queued', 'missing', false])
    assert.deepInclude(again, { id: ref.jobId, attempt: 1, maxAttempts: 2 })
    assert.isAbove(again.deadline.getTime(), Date.now())
    assert.isTrue(await world().queue.finish(leaseOf(again), { state: 'succeeded' }))
    assert.equal(await world().queue.redrive(ref, 'user:usr_a'), 'missing')
    const told = ['queued', 'running', 'failed', 'redriven', 'running', 'succeeded']
    assert.deepEqual(await story(ref), told)
  })

  test('a dead letter is not driven again while another does its work', async ({ assert }) => {
    const accountId = await world().newAccount()
    const twin = errand(accountId, { dedupeKey: 'sync' })
    const [{ jobId }] = await world().queue.add([twin])
    const [dead] = await take()
    const error = { class: 'internal', message: 'Gone.' } as const
    await world().queue.finish(leaseOf(dead), { state: 'failed', error })
    await world().queue.add([twin])

    assert.equal(await world().queue.redrive({ accountId, jobId }, 'user:usr_a'), 'duplicate')
  })

  test('a job with a price is never queued again, and its dead letter replaced once', async ({
    assert,
  }) => {
    const ref = await started(world(), await world().newAccount())
    await world().endDeadline(ref)
    const open = await world().queue.replaced(ref, { jobId: 'job_b', actor: 'user:usr_a' })
    await world().metered.expire(ref, 'deadline')

    const redriven = await world().queue.redrive(ref, 'user:usr_a')
    const first = await world().queue.replaced(ref, { jobId: 'job_b', actor: 'user:usr_a' })
    const second = await world().queue.replaced(ref, { jobId: 'job_c', actor: 'user:usr_a' })

    assert.equal(redriven, 'missing')
    assert.deepEqual([open, first, second], [false, true, false])
    assert.deepEqual(await world().ledger.verify(ref.accountId), [])
  })
}
