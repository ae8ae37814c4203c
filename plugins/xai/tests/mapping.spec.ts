import { test } from '@japa/runner'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { callOf } from '#tests/contracts/model_provider/orders'
import { picture } from '#tests/fakes/vendor/media'
import { plainTerms } from '#tests/plain_terms'
import { classify, toOutputs, usage } from '../mapping.js'
import plugin from '../plugin.js'

const refusal = (status: number, body: unknown) =>
  new VendorRefusal({ vendor: 'xAI', step: 'submit', status, body })

test.group('xAI | what it says', () => {
  test('an error in either form is read: {body}')
    .with([
      { status: 403, body: { code: 'x', error: 'used all credits' }, expected: 'provider_balance' },
      { status: 429, body: { code: 'x', error: 'spending limit' }, expected: 'provider_balance' },
      { status: 429, body: { code: 'x', error: 'Too many requests' }, expected: 'rate_limited' },
      {
        status: 429,
        body: { error: { code: 'x', message: 'slow down' } },
        expected: 'rate_limited',
      },
      {
        status: 403,
        body: { code: 'x', error: 'violates usage guidelines' },
        expected: 'blocked_input',
      },
      {
        status: 400,
        body: { code: 'x', error: 'Rejected by moderation' },
        expected: 'blocked_input',
      },
      { status: 403, body: { code: 'x', error: 'denied' }, expected: 'provider_auth' },
      { status: 400, body: { code: 'x', error: 'Incorrect API key' }, expected: 'provider_auth' },
      { status: 400, body: { code: 'x', error: 'credits' }, expected: 'invalid_input' },
      { status: 404, body: { error: { type: 'model_not_found' } }, expected: 'model_retired' },
      { status: 500, body: 'busy', expected: 'transient_before_accept' },
    ])
    .run(({ assert }, { status, body, expected }) => {
      assert.equal(classify(refusal(status, body)).class, expected)
    })

  test('a withheld picture says what it cost, and that it cost nothing', ({ assert }) => {
    const data = [{ respect_moderation: false }]
    const billed = classify(refusal(200, { data, usage: { cost_in_usd_ticks: 200_000_000 } }))
    const free = classify(refusal(200, { data, usage: { cost_in_usd_ticks: 0 } }))
    const silent = classify(refusal(200, { data }))

    for (const { class: found } of [billed, free, silent]) assert.equal(found, 'blocked_output')
    assert.deepEqual(billed.usage?.reportedCost, { amount: 200_000_000, unit: 'usd_ticks' })
    assert.deepEqual(free.usage?.reportedCost, { amount: 0, unit: 'usd_ticks' })
    assert.isUndefined(silent.usage)
  })

  test('a picture is what its bytes are', async ({ assert }) => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const bytes = await picture({ width: 16, height: 16 }, format)
      const body = { data: [{ b64_json: bytes.toString('base64') }] }

      const [output] = toOutputs({ body, bytes, headers: {}, status: 200 })

      assert.equal(output.contentType, `image/${format}`)
    }
  })

  test('ticks are dollars, and what nobody reports is priced by the picture', async ({
    assert,
  }) => {
    const model = plugin.models.find(({ id }) => id === 'grok-imagine-image-quality')!
    const call = await callOf(model, { input: { prompt: 'x', n: 2, resolution: '2k' } })
    const terms = plainTerms(model.price)
    const upper = upperPrice(model, call, terms).cost
    const cost = (raw: object) =>
      actualPrice(model, { ...call, usage: usage(raw), upper, at: new Date() }, terms).cost.micro

    assert.equal(upper.micro, 140_000n)
    assert.equal(cost({ outputs: 2, cost_in_usd_ticks: 37_756_000 }), 3_776n)
    assert.equal(cost({ outputs: 1 }), 70_000n)
  })
})
