import { test } from '@japa/runner'
import { causeOf } from '#core/plugins/failure_rate'
import { ERROR_POLICIES, type ErrorPolicy } from '#core/queue/error_policy'
import type { ErrorClass } from '#core/queue/types'

const all = Object.entries(ERROR_POLICIES) as [ErrorClass, ErrorPolicy][]
const which = (is: (policy: ErrorPolicy) => boolean) =>
  all
    .filter(([, policy]) => is(policy))
    .map(([name]) => name)
    .sort()

test.group('What each class of error means', () => {
  test('only what nobody knows the end of, or lost after it was made, is booked as a loss', ({
    assert,
  }) => {
    assert.deepEqual(
      which(({ loss }) => loss !== undefined),
      ['asset_lost', 'outcome_unknown', 'worker_lost']
    )
  })

  test('nobody pays for a failure but by what its model declares', ({ assert }) => {
    assert.deepEqual(
      which(({ hold }) => typeof hold === 'object'),
      ['blocked_output', 'canceled', 'no_output', 'provider_failed']
    )
  })

  test('what may have been taken, or would be refused anywhere, is asked of nobody else', ({
    assert,
  }) => {
    for (const name of which(({ failOver }) => failOver)) {
      const { loss, hold } = ERROR_POLICIES[name]
      assert.isUndefined(loss, name)
      assert.notEqual(hold, 'delivered', name)
    }
    assert.isFalse(ERROR_POLICIES.invalid_input.failOver)
    assert.isFalse(ERROR_POLICIES.blocked_input.failOver)
  })

  test('what opens a circuit at once has a name for its cause', ({ assert }) => {
    for (const name of which(({ health }) => health === 'opens')) {
      assert.include(['provider_balance', 'provider_auth'], String(causeOf(name)))
    }
    assert.equal(causeOf('transient_on_poll'), 'failures')
    assert.equal(causeOf('blocked_input'), 'works')
    assert.isNull(causeOf('worker_lost'))
  })
})
