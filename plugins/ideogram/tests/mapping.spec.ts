import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { classify } from '../mapping.js'

const refusal = (status: number, body: unknown = {}) =>
  new VendorRefusal({ vendor: 'Ideogram', step: 'submit', status, body })

test.group('Ideogram | what it says', () => {
  test('pictures that it withheld are billed, each of them', ({ assert }) => {
    const withheld = { url: '', is_image_safe: false }
    const said = classify(refusal(200, { data: [withheld, withheld, withheld] }))

    assert.equal(said.class, 'blocked_output')
    assert.deepEqual(said.usage, { outputs: 3 })
  })

  test('nothing that it refuses is billed', ({ assert }) => {
    for (const status of [400, 401, 402, 403, 404, 413, 422, 429, 500, 503]) {
      const said = classify(refusal(status))
      assert.isUndefined(said.usage, `of ${status}`)
      assert.notEqual(said.class, 'outcome_unknown', `of ${status}`)
    }
  })

  test('a gateway that gave up says nothing of the work behind it', ({ assert }) => {
    assert.equal(classify(refusal(502)).class, 'outcome_unknown')
    assert.equal(classify(refusal(504, '<html>')).class, 'outcome_unknown')
  })

  test('a reason is found where it is nested, and a new one changes nothing', ({ assert }) => {
    const nested = refusal(402, { detail: { reject_reason: 'daily_limit' } })
    assert.equal(classify(nested).class, 'quota_daily')
    assert.equal(classify(nested).providerCode, 'daily_limit')
    assert.equal(classify(refusal(402, { reject_reason: 'other' })).class, 'provider_balance')
    assert.equal(classify(refusal(429, { reject_reason: 'other' })).class, 'rate_limited')
  })
})
