import { test } from '@japa/runner'
import type { ClaimLimits } from '#core/queue/claim_limits'
import type { JobRef } from '#core/queue/types'
import { claim, finishRequest, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function oneJobSuite(world: () => World) {
  const claimOne = (ref: JobRef, kinds = ['generation'], queue = world().queue) =>
    queue.claimOne({ ref, worker: 'worker', kinds, leaseMs: 30_000 })
  const error = { class: 'provider_failed', message: 'It broke.' } as const

  test('a job that is named is handed out as a claim hands it out', async ({ assert }) => {
    const account = await world().newAccount()
    await started(world(), account)
    const ref = await started(world(), account)

    const claimed = await claimOne(ref)

    assert.containSubset(claimed, {
      is: 'claimed',
      cancelRequested: false,
      job: {
        id: ref.jobId,
        attempt: 1,
        token: 1n,
        handle: null,
        payload: { generation: ref.generationId },
      },
    })
    const story = await world().streams.read(account, ref.jobId, 1)
    assert.containSubset(story, [{ seq: 2, type: 'running', data: { attempt: 1 } }])
    assert.deepEqual(await world().queue.standing(ref), { is: 'leased', kind: 'generation' })
  })

  test('of many who are told of a job at once, one gets it', async ({ assert }) => {
    const ref = await started(world(), await world().newAccount())
    const other = await world().neighbour()

    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        claimOne(ref, ['generation'], n % 2 ? world().queue : other.queue)
      )
    )
    await other.close()

    const by = (wanted: string) => answers.filter(({ is }) => is === wanted)
    assert.lengthOf(by('claimed'), 1)
    assert.lengthOf(by('leased'), 15)
    const { attempt } = await world().job(ref)
    assert.equal(attempt, 1)
  })

  test('a claim of many and one of this job never both get it', async ({ assert }) => {
    for (let round = 0; round < 20; round++) {
      const ref = await started(world(), await world().newAccount())

      const [one, many] = await Promise.all([claimOne(ref), claim(world(), 10)])

      assert.equal(Number(one.is === 'claimed') + many.length, 1)
    }
  })

  test('a job of another account, or none, is missing', async ({ assert }) => {
    const [account, other] = [await world().newAccount(), await world().newAccount()]
    const { jobId } = await started(world(), account)

    for (const ref of [
      { accountId: other, jobId },
      { accountId: account, jobId: 'job_none' },
    ]) {
      assert.deepEqual(await claimOne(ref), { is: 'missing' })
    }
  })

  test('a job that ended tells how', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    const before = await world().snapshot(account)

    const answer = await claimOne({ accountId: account, jobId: job.id })

    assert.deepEqual(answer, { is: 'ended', state: 'succeeded' })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a job that is due later, or of another kind, waits', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const ref = { accountId: account, jobId: job.id }
    const runAt = new Date(Date.now() + 60_000)
    await world().queue.retry(leaseOf(job), { runAt, error })

    const early = await claimOne(ref)
    await world().endWait(ref)
    const foreign = await claimOne(ref, ['other'])
    const due = await claimOne(ref)

    const waiting = { is: 'waiting', kind: 'generation', isBarred: false } as const
    assert.deepEqual(early, { ...waiting, dueAt: runAt, isDue: false })
    assert.deepInclude(foreign, { ...waiting, isDue: true })
    assert.deepInclude(due, { is: 'claimed' })
  })

  test('a job is left where it is while as many run as may, or its provider is away', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    await running(world(), account)
    const ref = await started(world(), account)
    const claimWith = (limits: ClaimLimits) =>
      world().queue.claimOne({
        ref,
        worker: 'w',
        kinds: ['generation'],
        leaseMs: 30_000,
        limits,
      })

    const full = [
      { kinds: { generation: 1 } },
      { accounts: { generation: 1 } },
      { providers: { acme: 1 } },
      { unavailable: ['acme'] },
    ]
    for (const limits of full) {
      assert.deepInclude(await claimWith(limits), { is: 'waiting', isDue: true, isBarred: false })
    }
    const room = { kinds: { generation: 2 }, accounts: { generation: 2 }, providers: { acme: 2 } }
    assert.deepInclude(await claimWith(room), { is: 'claimed' })
  })

  test('of many who are told of jobs at once, no more run than may', async ({ assert }) => {
    const account = await world().newAccount()
    const refs = await Promise.all(Array.from({ length: 12 }, () => started(world(), account)))
    const limits = { providers: { acme: 5 } }

    const answers = await Promise.all(
      refs.map((ref) =>
        world().queue.claimOne({ ref, worker: 'w', kinds: ['generation'], leaseMs: 30_000, limits })
      )
    )

    assert.lengthOf(
      answers.filter(({ is }) => is === 'claimed'),
      5
    )
  })

  const bars: Record<string, (ref: JobRef, check: () => Promise<void>) => Promise<unknown>> = {
    'that was asked to stop while it was put back': async (ref, check) => {
      await world().metered.cancel(ref, 'user:usr_a')
      const [lease] = [{ ...ref, token: 1n }]
      await world().queue.retry(lease, { runAt: new Date(), error })
      await check()
    },
    'past its deadline': async (ref, check) => {
      await world().queue.handBack({ ...ref, token: 1n })
      await world().endDeadline(ref)
      await check()
    },
    'without a live hold': async (ref, check) => {
      await world().queue.handBack({ ...ref, token: 1n })
      await world().withoutHold(ref, check)
    },
  }
  test('a job {$self} is for nobody')
    .with(Object.keys(bars))
    .run(async ({ assert }, name) => {
      const account = await world().newAccount()
      const { id: jobId } = await running(world(), account)
      const ref = { accountId: account, jobId }

      await bars[name](ref, async () => {
        assert.deepInclude(await claimOne(ref), { is: 'waiting', isBarred: true })
      })
    })
}
