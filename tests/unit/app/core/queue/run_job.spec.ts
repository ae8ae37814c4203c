import { test } from '@japa/runner'
import { JobFailure, PlainJobHandler } from '#core/queue/job_handler'
import type { JobQueue } from '#core/queue/job_queue'
import { runJob } from '#core/queue/run_job'
import type { ClaimedJob } from '#core/queue/types'
import { job } from './workbench.js'

/** Runs a job once with a handler that does as the test says; answers what became of it. */
async function outcome(
  work: (signal: AbortSignal) => Promise<void> | void,
  {
    attempt = 1,
    deadline = new Date(Date.now() + 3_600_000),
    timeout = 60_000,
    abort = new AbortController(),
  } = {}
) {
  class Handler extends PlainJobHandler {
    readonly kind = 'work'
    readonly retryDelays = [1_000, 60_000]
    readonly timeout = timeout

    async handle(_: ClaimedJob, signal: AbortSignal) {
      await work(signal)
    }
  }
  const said: unknown[] = []
  const logged: string[] = []
  const queue = {
    finish: async (_: unknown, end: object) => said.push(end) > 0,
    retry: async (_: unknown, { runAt, error }: { runAt: Date; error: object }) =>
      said.push({ seconds: Math.round((runAt.getTime() - Date.now()) / 1000), error }) > 0,
    handBack: async () => said.push('handed back') > 0,
    wake() {},
  } as unknown as JobQueue
  const logger = { error: (_: object, message: string) => logged.push(message) }
  const claimed = { ...job('a'), attempt, maxAttempts: 10, deadline }
  await runJob({ queue, handler: new Handler(), logger }, claimed, abort.signal)
  return { said, logged }
}

const broken = { class: 'internal', message: 'The work broke; the log says how.' }
const until = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test.group('Plain jobs', () => {
  test('one whose handler returns has succeeded', async ({ assert }) => {
    const { said } = await outcome(() => {})

    assert.deepEqual(said, [{ state: 'succeeded' }])
  })

  test('one whose handler throws is tried again after its delay, and the log knows why', async ({
    assert,
  }) => {
    const { said, logged } = await outcome(() => {
      throw new Error('the password was hunter2')
    })

    assert.deepEqual(said, [{ seconds: 1, error: { ...broken, providerCode: undefined } }])
    assert.deepEqual(logged, ['a job handler broke'])
  })

  test('it waits longer where the other side asked for it', async ({ assert }) => {
    const { said, logged } = await outcome(() => {
      throw new JobFailure('Not now.', { retryAfter: 600_000, code: '429' })
    })

    const [{ seconds, error }] = said as { seconds: number; error: object }[]
    assert.isAtLeast(seconds, 600)
    assert.deepEqual(error, { class: 'internal', message: 'Not now.', providerCode: '429' })
    assert.deepEqual(logged, [])
  })

  const lastWords: Record<string, Parameters<typeof outcome>[1]> = {
    'after the last of its delays': { attempt: 3 },
    'where the next try would be after its deadline': { deadline: new Date(Date.now() + 900) },
  }
  test('{$self} it fails for good')
    .with(Object.keys(lastWords))
    .run(async ({ assert }, when) => {
      const { said } = await outcome(() => {
        throw new JobFailure('No.')
      }, lastWords[when])

      const error = { class: 'internal', message: 'No.', providerCode: undefined }
      assert.deepEqual(said, [{ state: 'failed', error }])
    })

  test('one that no further try can help fails at once', async ({ assert }) => {
    const { said } = await outcome(() => {
      throw new JobFailure('Gone.', { retry: false })
    })

    assert.containsSubset(said, [{ state: 'failed', error: { message: 'Gone.' } }])
  })

  test('one that took its worker with it in every try is not begun again', async ({ assert }) => {
    let begun = false
    const { said } = await outcome(() => void (begun = true), { attempt: 4 })

    assert.isFalse(begun)
    assert.containsSubset(said, [{ state: 'failed' }])
  })

  test('one that takes too long is told to stop and tried again', async ({ assert }) => {
    const { said } = await outcome(until, { timeout: 5 })

    assert.containsSubset(said, [
      { seconds: 1, error: { message: 'The work took longer than 0.005 seconds.' } },
    ])
  })

  const reasons: Record<string, unknown[]> = {
    draining: ['handed back'],
    canceled: [{ state: 'canceled' }],
    lease_lost: [],
  }
  test('one that is stopped as {$self} does not count as a failure')
    .with(Object.keys(reasons))
    .run(async ({ assert }, reason) => {
      const abort = new AbortController()
      const run = outcome(until, { abort })
      abort.abort(reason)
      const { said } = await run

      assert.deepEqual(said, reasons[reason])
    })
})
