import { test } from '@japa/runner'
import { causeOf, FailureRate } from '#core/plugins/failure_rate'

const at = (rate: FailureRate, story: string, from = 0) =>
  [...story].map((outcome, n) => {
    const now = from + n * 100
    return outcome === 'x' ? rate.failed(now) : (rate.answered(now), false)
  })

test.group('Failure rate', () => {
  test('{0}: {2}')
    .with([
      ['xxxx', false, 'a few failures may be chance'],
      ['xxxxx', true, 'nothing but failures'],
      ['oooooxxxxx', true, 'as many as answers'],
      ['ooooooxxxxx', false, 'fewer than answers'],
    ] as [string, boolean, string][])
    .run(({ assert }, [story, expected]) => {
      assert.equal(at(new FailureRate(), story).at(-1), expected)
    })

  test('what is older than a minute counts no more', ({ assert }) => {
    const rate = new FailureRate()
    at(rate, 'xxxx')

    assert.isFalse(rate.failed(61_000))
  })

  test('many answers of a while ago do not hide what happens now', ({ assert }) => {
    const rate = new FailureRate()
    at(rate, 'o'.repeat(400))

    assert.isTrue(at(rate, 'x'.repeat(25), 40_100).at(-1))
  })

  test('an error of {0} says {1}')
    .with([
      ['provider_balance', 'provider_balance'],
      ['provider_auth', 'provider_auth'],
      ['transient_before_accept', 'failures'],
      ['transient_on_poll', 'failures'],
      ['outcome_unknown', 'failures'],
      ['invalid_input', 'works'],
      ['rate_limited', 'works'],
      ['blocked_output', 'works'],
      ['internal', null],
      ['canceled', null],
    ] as [Parameters<typeof causeOf>[0], string | null][])
    .run(({ assert }, [errorClass, expected]) => {
      assert.equal(causeOf(errorClass), expected)
    })
})
