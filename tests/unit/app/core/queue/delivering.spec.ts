import { test } from '@japa/runner'
import type { JobQueue } from '#core/queue/job_queue'
import type { JobStanding } from '#core/queue/types'
import { job, settled, setUp, until } from './workbench.js'

const refTo = (jobId: string) => ({ accountId: 'org_a', jobId })
const ENDED: JobStanding = { is: 'ended', state: 'succeeded' }

/** A worker that is told of its jobs; each waits until it was claimed once. */
function pushed(options: Partial<Record<keyof JobQueue, unknown>> = {}) {
  const claimed: string[] = []
  return setUp([], {
    delivery: 'push',
    claim: () => Promise.reject(new Error('asked for work')),
    async claimOne({ ref }: { ref: { jobId: string } }) {
      if (claimed.includes(ref.jobId)) return { is: 'leased', kind: 'work' }
      claimed.push(ref.jobId)
      return { is: 'claimed', job: job(ref.jobId), cancelRequested: false }
    },
    standing: async () => ENDED,
    ...options,
  })
}

test.group('Worker that is told of its jobs', () => {
  test('it never looks for work, and works on what it is told of', async ({ assert }) => {
    const { bench, make, listeners, logged } = pushed()
    const worker = make()
    worker.start()
    listeners.work()
    await settled()

    const delivered = worker.deliver(refTo('a'))
    await settled()
    assert.deepEqual(bench.ids, ['a'])
    bench.clear()

    assert.deepEqual(await delivered, { effect: 'worked', standing: ENDED })
    assert.deepEqual(logged, [])
    await worker.stop()
  })

  test('what it cannot have it leaves alone, and tells how it stands', async ({ assert }) => {
    const { bench, make } = pushed({ claimOne: async () => ({ is: 'missing' }) })
    const worker = make()
    worker.start()

    const delivered = await worker.deliver(refTo('a'))

    assert.deepEqual(delivered, { effect: 'none', standing: { is: 'missing' } })
    assert.deepEqual(bench.ids, [])
    await worker.stop()
  })

  test('told of more than it has places for, it says so and claims nothing', async ({ assert }) => {
    const { bench, make } = pushed()
    const worker = make()
    worker.start()
    const taken = [worker.deliver(refTo('a')), worker.deliver(refTo('b'))]

    const third = await worker.deliver(refTo('c'))
    await settled()
    assert.deepEqual(third, { effect: 'none', standing: null, why: 'full' })
    assert.deepEqual(bench.ids, ['a', 'b'])

    bench.clear()
    await Promise.all(taken)
    const again = worker.deliver(refTo('c'))
    await settled()
    assert.deepEqual(bench.ids, ['c'])
    bench.clear()
    await again
    await worker.stop()
  })

  test('a claim that fails frees its place', async ({ assert }) => {
    const { make } = pushed({ claimOne: () => Promise.reject(new Error('away')) })
    const worker = make()
    worker.start()

    for (let n = 0; n < 5; n++) await assert.rejects(() => worker.deliver(refTo('a')), 'away')
    await worker.stop()
  })

  test('one that was asked to stop before it came is told so from the start', async ({
    assert,
  }) => {
    const { bench, make } = pushed({
      claimOne: async () => ({ is: 'claimed', job: job('a'), cancelRequested: true }),
    })
    const worker = make()
    worker.start()

    const delivered = worker.deliver(refTo('a'))
    await settled()

    assert.equal(bench.open[0].signal.reason, 'canceled')
    bench.clear()
    await delivered
    await worker.stop()
  })

  test('it takes nothing before it starts nor after it stopped', async ({ assert }) => {
    const { make } = pushed()
    const worker = make()
    const stopped = { effect: 'none', standing: null, why: 'stopped' }

    assert.deepEqual(await worker.deliver(refTo('a')), stopped)
    worker.start()
    await worker.stop()
    assert.deepEqual(await worker.deliver(refTo('a')), stopped)
  })

  test('what was claimed while it stopped is handed back', async ({ assert }) => {
    const claim = Promise.withResolvers<unknown>()
    const { bench, make, calls } = pushed({ claimOne: () => claim.promise })
    const worker = make()
    worker.start()
    const delivered = worker.deliver(refTo('a'))
    await worker.stop()

    claim.resolve({ is: 'claimed', job: job('a'), cancelRequested: false })

    assert.deepInclude(await delivered, { why: 'stopped' })
    assert.deepEqual(bench.ids, [])
    assert.containSubset(calls.handedBack, [{ jobId: 'a' }])
  })

  test('a handler that breaks is told by how the job stands: still leased', async ({ assert }) => {
    const standing: JobStanding = { is: 'leased', kind: 'work' }
    const { bench, make, logged } = pushed({ standing: async () => standing })
    const worker = make()
    worker.start()
    const delivered = worker.deliver(refTo('a'))
    await settled()

    bench.open[0].break()

    assert.deepEqual(await delivered, { effect: 'worked', standing })
    assert.deepEqual(logged, ['a job handler broke'])
    await worker.stop()
  })

  test('a sweep that put jobs back has them told of anew', async ({ assert }) => {
    let woken = 0
    const { make } = pushed({
      requeueLost: async () => (woken > 0 ? [] : [refTo('a')]),
      wake: () => woken++,
    })
    const worker = make({}, { sweep: 1 })
    worker.start()

    await until(() => woken === 1)
    assert.equal(woken, 1)
    await worker.stop()
  })
})
