import { test } from '@japa/runner'
import type { JobError } from '#core/queue/types'
import {
  balanceOf,
  claim,
  finishRequest,
  leaseOf,
  running,
  usage,
} from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

const ERROR: JobError = { class: 'provider_failed', message: 'It broke.', providerCode: '500' }

export function retryingSuite(world: () => World) {
  const failed = { ...usage, status: 'failed', errorClass: 'provider_failed' } as const

  test('a retry waits with its hold, counts the attempt and forgets the handle', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    await world().queue.handOff(leaseOf(job), { task: 'first' })

    const kept = await world().queue.retry(leaseOf(job), {
      runAt: new Date(),
      error: ERROR,
      usage: failed,
    })

    assert.isTrue(kept)
    assert.deepEqual(await balanceOf(world(), account), { available: '6', held: '4' })
    assert.deepEqual(await world().usage(account), [{ attempt: 1, status: 'failed', credits: '0' }])
    const [again] = await claim(world())
    assert.deepInclude(again, { id: job.id, attempt: 2, handle: null })
  })

  test('a retry that keeps the handle goes on polling', async ({ assert }) => {
    const job = await running(world(), await world().newAccount())
    await world().queue.handOff(leaseOf(job), { task: 'first' })

    await world().queue.retry(leaseOf(job), { runAt: new Date(), error: ERROR, keepHandle: true })

    const [again] = await claim(world())
    assert.deepEqual(again.handle, { task: 'first' })
  })

  test('a free retry does not count', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)

    for (let round = 0; round < 3; round++) {
      const [again] = round === 0 ? [job] : await claim(world())
      assert.equal(again.attempt, 1)
      await world().queue.retry(leaseOf(again), { runAt: new Date(), error: ERROR, free: true })
    }

    assert.deepEqual(await world().usage(account), [])
    const [last] = await claim(world())
    assert.equal(last.attempt, 1)
  })

  test('the story tells each retry with its reason', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const runAt = new Date(Date.now() - 1000)

    await world().queue.retry(leaseOf(job), { runAt, error: ERROR })

    const events = await world().streams.read(account, job.id, 2)
    assert.lengthOf(events, 1)
    assert.deepInclude(events[0], {
      seq: 3,
      type: 'retrying',
      data: {
        attempt: 1,
        error: { class: 'provider_failed', message: 'It broke.', provider_code: '500' },
        run_at: runAt.toISOString(),
      },
    })
  })

  test('attempts that failed and one that delivered are one charge and a usage event each', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await running(world(), account, { hold: '4' })
    await world().queue.retry(leaseOf(first), { runAt: new Date(), error: ERROR, usage: failed })
    const [second] = await claim(world())
    await world().queue.retry(leaseOf(second), { runAt: new Date(), error: ERROR, usage: failed })
    const [third] = await claim(world())

    await world().metered.finish(finishRequest(third, { cost: '3' }))

    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'failed', credits: '0' },
      { attempt: 2, status: 'failed', credits: '0' },
      { attempt: 3, status: 'succeeded', credits: '3' },
    ])
    assert.lengthOf(await world().ledger.entriesOfHold(account, first.id), 1)
  })

  test('a job that is handed back is due now, as if it had not been taken', async ({ assert }) => {
    const job = await running(world(), await world().newAccount())
    await world().queue.handOff(leaseOf(job), { task: 'first' })

    assert.isTrue(await world().queue.handBack(leaseOf(job)))

    const [again] = await claim(world())
    assert.deepInclude(again, { id: job.id, attempt: 1, handle: { task: 'first' } })
    assert.isAbove(Number(again.token), Number(job.token))
  })

  test('progress and hand-off are told in order', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)

    await world().queue.progress(leaseOf(job), 0.25, { step: 'sketch' })
    await world().queue.handOff(leaseOf(job), { task: 'secret' })
    await world().queue.progress(leaseOf(job), 0.75)

    const events = await world().streams.read(account, job.id, 2)
    assert.deepEqual(
      events.map(({ seq, type, data }) => [seq, type, data]),
      [
        [3, 'progress', { progress: 0.25, step: 'sketch' }],
        [4, 'submitted', {}],
        [5, 'progress', { progress: 0.75 }],
      ]
    )
  })
}
