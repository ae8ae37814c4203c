import { test } from '@japa/runner'
import { isFree, retryAt, type RetryQuestion } from '#core/queue/retry_policy'
import type { ErrorClass } from '#core/queue/types'

const NOW = new Date('2030-01-01T00:00:00Z')
const FOREVER = Number.POSITIVE_INFINITY

/** How many tries each class gets where the model allows a hundred, and whether they count. */
const CLASSES: Record<ErrorClass, { tries: number; free: boolean }> = {
  invalid_input: { tries: 1, free: false },
  blocked_input: { tries: 1, free: false },
  blocked_output: { tries: 1, free: false },
  rate_limited: { tries: FOREVER, free: true },
  concurrency_full: { tries: FOREVER, free: true },
  quota_daily: { tries: 1, free: false },
  provider_balance: { tries: 1, free: false },
  provider_auth: { tries: 1, free: false },
  model_retired: { tries: 1, free: false },
  transient_before_accept: { tries: 4, free: false },
  transient_on_poll: { tries: FOREVER, free: true },
  outcome_unknown: { tries: 1, free: false },
  provider_failed: { tries: 2, free: false },
  no_output: { tries: 2, free: false },
  partial: { tries: 1, free: false },
  asset_lost: { tries: 1, free: false },
  canceled: { tries: 1, free: false },
  deadline: { tries: 1, free: false },
  worker_lost: { tries: 1, free: false },
  internal: { tries: 2, free: false },
}

const question = (options: Partial<RetryQuestion>): RetryQuestion => ({
  class: 'transient_on_poll',
  attempt: 1,
  maxAttempts: 100,
  now: NOW,
  deadline: new Date(NOW.getTime() + 3_600_000),
  ...options,
})

const waitOf = (options: Partial<RetryQuestion>, random: number) =>
  retryAt(question(options), () => random)!.getTime() - NOW.getTime()

test.group('Retry policy', () => {
  test('{class} is tried at most {tries} times; free: {free}')
    .with(Object.entries(CLASSES).map(([name, rule]) => ({ class: name as ErrorClass, ...rule })))
    .run(({ assert }, { class: errorClass, tries, free }) => {
      const last = tries === FOREVER ? 500 : tries
      for (let attempt = 1; attempt <= Math.min(last + 1, 500); attempt++) {
        const again = retryAt(question({ class: errorClass, attempt, maxAttempts: 1000 }))
        assert.equal(again !== null, attempt < tries, `after attempt ${attempt}`)
      }
      assert.equal(isFree(errorClass), free)
    })

  test('a model that allows fewer tries gets fewer, but waiting for a slot counts for nothing', ({
    assert,
  }) => {
    const last = { attempt: 2, maxAttempts: 2 }

    assert.isNull(retryAt(question({ ...last, class: 'transient_before_accept' })))
    assert.isNotNull(retryAt(question({ ...last, class: 'rate_limited' })))
  })

  test('the wait doubles from half a second to half a minute, and half of it is chance', ({
    assert,
  }) => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((attempt) => waitOf({ attempt }, 1))
    const shortest = [1, 2, 7, 100].map((attempt) => waitOf({ attempt }, 0))

    assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    assert.deepEqual(shortest, [250, 500, 15_000, 15_000])
  })

  test('it is never sooner than the vendor asked, and later where the backoff is longer', ({
    assert,
  }) => {
    assert.equal(waitOf({ retryAfterMs: 7000 }, 0.5), 7000)
    assert.equal(waitOf({ retryAfterMs: 100 }, 1), 500)
  })

  test('a try that would be due at the deadline or later is none', ({ assert }) => {
    const due = (deadline: number) =>
      retryAt(
        question({ retryAfterMs: 1000, deadline: new Date(NOW.getTime() + deadline) }),
        () => 0
      )

    assert.isNull(due(999))
    assert.isNull(due(1000))
    assert.equal(due(1001)!.getTime(), NOW.getTime() + 1000)
  })
})
