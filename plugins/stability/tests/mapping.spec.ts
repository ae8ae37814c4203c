import { test } from '@japa/runner'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { callOf } from '#tests/contracts/model_provider/orders'
import { picture } from '#tests/fakes/vendor/media'
import { classify, workIn } from '../mapping.js'
import plugin from '../plugin.js'
import FakeStability from './fake.js'

const refusal = (status: number, name: string, step: VendorStep = 'submit', headers = {}) =>
  new VendorRefusal({ vendor: 'Stability AI', step, status, headers, body: { name, errors: [] } })

test.group('Stability | what it says', () => {
  test('{status} {name} is {expected}')
    .with([
      { status: 400, name: 'bad_request', expected: 'invalid_input' },
      { status: 401, name: 'unauthorized', expected: 'provider_auth' },
      { status: 402, name: 'payment_required', expected: 'provider_balance' },
      { status: 403, name: 'content_moderation', expected: 'blocked_input' },
      { status: 403, name: 'forbidden', expected: 'provider_auth' },
      { status: 413, name: 'payload_too_large', expected: 'invalid_input' },
      { status: 422, name: 'invalid_language', expected: 'invalid_input' },
      { status: 500, name: 'internal_error', expected: 'transient_before_accept' },
    ])
    .run(({ assert }, { status, name, expected }) => {
      assert.deepInclude(classify(refusal(status, name)), { class: expected, providerCode: name })
    })

  test('who is too fast waits for the end of the ban, or as long as a header says', ({
    assert,
  }) => {
    const banned = classify(refusal(429, 'rate_limit_exceeded'))
    const told = classify(refusal(429, 'rate_limit_exceeded', 'submit', { 'retry-after': '5' }))

    assert.deepInclude(banned, { class: 'rate_limited', retryAfterMs: 60_000 })
    assert.equal(told.retryAfterMs, 5_000)
  })

  test('a result that is gone has failed, and one that is slow has not', ({ assert }) => {
    assert.equal(classify(refusal(404, 'not_found', 'poll')).class, 'provider_failed')
    assert.equal(classify(refusal(500, 'internal_error', 'poll')).class, 'transient_on_poll')
  })

  test('an id that is none of an address is none', ({ assert }) => {
    assert.equal(workIn({ id: 'a6dc6c6e20ac' }), 'a6dc6c6e20ac')
    for (const id of ['../v1/user', '', 7, null, 'a/b']) assert.isNull(workIn({ id }))
  })
})

test.group('Stability | work that is waited for', (group) => {
  const fake = new FakeStability()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('is asked for while it answers with 202', async ({ assert }) => {
    const creative = plugin.models.find(({ id }) => id === 'upscale-creative')!
    const image = await picture({ width: 64, height: 64 })
    const order = { input: { prompt: 'slow:100ms' }, references: { image } }
    const call = await callOf(creative, order)
    const { provider } = stand.open()
    const accepted = await provider.submit(call)
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    const asked = await provider.poll(call, accepted.handle)

    assert.deepEqual(asked, { ...accepted, pollAfterMs: 10_000 })
    assert.equal(fake.callsTo('poll')[0].path, `/v2beta/results/${String(accepted.handle.id)}`)
  })
})
