import { test } from '@japa/runner'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { callOf } from '#tests/contracts/model_provider/orders'
import { picture } from '#tests/fakes/vendor/media'
import { plainTerms } from '#tests/plain_terms'
import { classify, toOutputs, usage } from '../mapping.js'
import plugin from '../plugin.js'

const refusal = (status: number, body: unknown) =>
  new VendorRefusal({ vendor: 'Reve', step: 'submit', status, body })

const answer = (body: unknown) => ({ body, bytes: Buffer.alloc(0), headers: {}, status: 200 })

test.group('Reve | what it says', () => {
  test('status {status} is {expected}')
    .with([
      { status: 400, expected: 'invalid_input' },
      { status: 401, expected: 'provider_auth' },
      { status: 402, expected: 'provider_balance' },
      { status: 404, expected: 'model_retired' },
      { status: 422, expected: 'invalid_input' },
      { status: 429, expected: 'rate_limited' },
      { status: 500, expected: 'transient_before_accept' },
    ])
    .run(({ assert }, { status, expected }) => {
      const found = classify(refusal(status, { error_code: 'X', message: 'a secret prompt' }))

      assert.deepInclude(found, { class: expected, providerCode: 'X' })
      assert.notInclude(found.message, 'secret')
    })

  test('a violation is no picture, even where there is one', ({ assert }) => {
    const body = { content_violation: true, image: 'AAAA', credits_used: 18, request_id: 'rsid-1' }

    assert.lengthOf(toOutputs(answer(body)), 0)
    const { class: found, usage: billed } = classify(refusal(200, body))
    assert.equal(found, 'blocked_output')
    assert.deepInclude(billed, { outputs: 0, reportedCost: { amount: 18, unit: 'credits' } })
    assert.isUndefined(classify(refusal(200, { ...body, credits_used: 0 })).usage)
  })

  test('a picture is what its bytes are', async ({ assert }) => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const bytes = await picture({ width: 16, height: 16 }, format)

      assert.equal(
        toOutputs(answer({ image: bytes.toString('base64') }))[0].contentType,
        `image/${format}`
      )
    }
  })

  test('credits are dollars, and what nobody reports is priced by the picture', async ({
    assert,
  }) => {
    const model = plugin.models.find(({ id }) => id === 'create')!
    const call = await callOf(model)
    const terms = plainTerms(model.price)
    const upper = upperPrice(model, call, terms).cost
    const cost = (raw: object) =>
      actualPrice(model, { ...call, usage: usage(raw), upper, at: new Date() }, terms)

    assert.equal(upper.micro, 24_000n)
    assert.equal(cost({ outputs: 1, credits_used: 18 }).cost.micro, 24_000n)
    assert.equal(cost({ outputs: 1, credits_used: 9 }).cost.micro, 12_000n)
    assert.equal(cost({ outputs: 1 }).cost.micro, 24_000n)
    const absurd = cost({ outputs: 1, credits_used: 5_000 })
    assert.equal(absurd.report?.doubt, 'too_high')
    assert.equal(absurd.cost.micro, 24_000n)
  })
})
