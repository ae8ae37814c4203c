import { test } from '@japa/runner'
import {
  balanceOf,
  claim,
  countOf,
  credits,
  finishRequest,
  leaseOf,
  running,
  started,
} from './requests.js'
import type { World } from './world.js'

export function cancelingSuite(world: () => World) {
  const refOf = ({ accountId, id }: { accountId: string; id: string }) => ({ accountId, jobId: id })

  test('a queued job ends at once and is free', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const ref = await started(world(), account, { hold: '4' })

    const result = await world().metered.cancel(ref, 'user:usr_a')

    assert.deepEqual(result, { outcome: 'canceled' })
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepInclude(await world().ledger.hold(account, ref.jobId), { state: 'released' })
    assert.deepEqual(await claim(world(), 10), [])
    assert.deepEqual(await world().usage(account), [])
  })

  test('of twenty cancels at once, one ends the job and the others find it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const ref = await started(world(), account, { hold: '4' })

    const results = await Promise.all(
      Array.from({ length: 20 }, () => world().metered.cancel(ref, 'user:usr_a'))
    )

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'canceled'), 1)
    assert.equal(countOf(outcomes, 'resolved'), 19)
    const story = await world().streams.read(account, ref.jobId, 0)
    assert.deepEqual(
      story.map(({ type }) => type),
      ['queued', 'released', 'canceled']
    )
  })

  test('a running job is asked to stop, once, and keeps its hold until its worker ends it', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })

    const first = await world().metered.cancel(refOf(job), 'user:usr_a')
    const asked = await world().snapshot(account)
    const second = await world().metered.cancel(refOf(job), 'user:usr_b')

    assert.deepEqual([first.outcome, second.outcome], ['requested', 'requested'])
    assert.deepEqual(await world().snapshot(account), asked)
    assert.deepEqual(await balanceOf(world(), account), { available: '6', held: '4' })
    const result = await world().metered.finish(
      finishRequest(job, { cost: '0', state: 'canceled' })
    )
    assert.deepEqual(result, { outcome: 'finished', state: 'canceled', charged: credits('0') })
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('a worker that was done before it heard of the cancel is paid', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    await world().metered.cancel(refOf(job), 'user:usr_a')

    const result = await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.deepEqual(result, { outcome: 'finished', state: 'succeeded', charged: credits('3') })
  })

  test('a finished job stays as it is', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    const before = await world().snapshot(account)

    const result = await world().metered.cancel(refOf(job), 'user:usr_a')

    assert.deepInclude(result, { outcome: 'resolved', state: 'succeeded' })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a job of another account, or none, is missing', async ({ assert }) => {
    const [account, other] = [await world().newAccount(), await world().newAccount()]
    const { jobId } = await started(world(), account)

    for (const ref of [
      { accountId: other, jobId },
      { accountId: account, jobId: 'job_none' },
    ]) {
      assert.deepEqual(await world().metered.cancel(ref, 'user:usr_a'), { outcome: 'missing' })
    }
    const { state } = await world().job({ accountId: account, jobId })
    assert.equal(state, 'queued')
  })

  test('a canceled job cannot be finished by whoever still has it', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    await world().queue.handBack(leaseOf(job))
    await world().metered.cancel(refOf(job), 'user:usr_a')
    const before = await world().snapshot(account)

    const result = await world().metered.finish(finishRequest(job, { cost: '1' }))

    assert.deepEqual(result, { outcome: 'stale' })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a cancel and a finish at once have one outcome, and both learn it', async ({ assert }) => {
    for (let round = 0; round < 30; round++) {
      const account = await world().newAccount({ credits: '10' })
      const job = await running(world(), account, { hold: '4' })
      const cancel = () => world().metered.cancel(refOf(job), 'user:usr_a')
      const finish = () => world().metered.finish(finishRequest(job, { cost: '3' }))

      const [canceled, finished] =
        round % 2 === 0
          ? await Promise.all([cancel(), finish()])
          : await Promise.all([finish(), cancel()]).then(([a, b]) => [b, a] as const)

      assert.deepEqual(finished, {
        outcome: 'finished',
        state: 'succeeded',
        charged: credits('3'),
      })
      assert.include(['requested', 'resolved'], canceled.outcome)
      assert.deepEqual(await balanceOf(world(), account), { available: '7', held: '0' })
      const story = await world().streams.read(account, job.id, 0)
      assert.equal(story.at(-1)!.type, 'succeeded')
    }
  })

  test('a cancel and a claim at once never leave a job half ended', async ({ assert }) => {
    for (let round = 0; round < 30; round++) {
      const account = await world().newAccount({ credits: '10' })
      const ref = await started(world(), account, { hold: '4' })

      const [canceled, jobs] = await Promise.all([
        world().metered.cancel(ref, 'user:usr_a'),
        claim(world()),
      ])

      const { state } = await world().job(ref)
      if (canceled.outcome === 'canceled') {
        assert.equal(state, 'canceled')
        for (const job of jobs) {
          const late = await world().metered.finish(finishRequest(job, { cost: '3' }))
          assert.equal(late.outcome, 'stale')
        }
        assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
      } else {
        assert.deepEqual([canceled.outcome, state, jobs.length], ['requested', 'running', 1])
        await world().metered.finish(finishRequest(jobs[0], { cost: '0', state: 'canceled' }))
      }
    }
  })

  for (const state of ['queued', 'running'] as const) {
    test(`a ${state} job past its deadline ends with its hold, and is fenced off`, async ({
      assert,
    }) => {
      const account = await world().newAccount({ credits: '10' })
      const job = await running(world(), account, { hold: '4' })
      if (state === 'queued') await world().queue.handBack(leaseOf(job))
      await world().endDeadline(refOf(job))

      const result = await world().metered.expire(refOf(job), 'deadline')

      assert.deepEqual(result, { outcome: 'finished', state: 'expired', charged: credits('0') })
      assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
      assert.deepInclude(await world().ledger.hold(account, job.id), { state: 'expired' })
      const late = await world().metered.finish(finishRequest(job, { cost: '3' }))
      assert.deepEqual(late, { outcome: 'stale' })
      const again = await world().metered.expire(refOf(job), 'deadline')
      assert.deepEqual(again, { outcome: 'resolved', state: 'expired', charged: credits('0') })
    })
  }

  test('a job that has time left, or that was finished meanwhile, does not expire', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const before = await world().snapshot(account)

    for (const reason of ['deadline', 'canceled'] as const) {
      assert.deepEqual(await world().metered.expire(refOf(job), reason), { outcome: 'stale' })
    }
    assert.deepEqual(await world().snapshot(account), before)
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    await world().endDeadline(refOf(job))
    const result = await world().metered.expire(refOf(job), 'deadline')
    assert.deepEqual(result, { outcome: 'resolved', state: 'succeeded', charged: credits('1') })
  })

  test('a canceled job whose worker went silent ends as canceled', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account)
    await world().metered.cancel(refOf(job), 'user:usr_a')
    const leased = await world().metered.expire(refOf(job), 'canceled')
    await world().endLease(refOf(job))

    const result = await world().metered.expire(refOf(job), 'canceled')

    assert.deepEqual(leased, { outcome: 'stale' })
    assert.deepEqual(result, { outcome: 'finished', state: 'canceled', charged: credits('0') })
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('an expiry and a finish at once have one outcome', async ({ assert }) => {
    for (let round = 0; round < 20; round++) {
      const account = await world().newAccount({ credits: '10' })
      const job = await running(world(), account, { hold: '4' })
      await world().endDeadline(refOf(job))

      const [finished, expired] = await Promise.all([
        world().metered.finish(finishRequest(job, { cost: '3' })),
        world().metered.expire(refOf(job), 'deadline'),
      ])

      const won = finished.outcome === 'finished'
      assert.equal(expired.outcome, won ? 'resolved' : 'finished')
      assert.equal(finished.outcome, won ? 'finished' : 'stale')
      const balance = await balanceOf(world(), account)
      assert.deepEqual(balance, { available: won ? '7' : '10', held: '0' })
    }
  })
}
