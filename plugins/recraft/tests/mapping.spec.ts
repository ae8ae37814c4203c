import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { plainTerms } from '#tests/plain_terms'
import { classify, toOutputs, usage } from '../mapping.js'
import { models } from '../models.js'

const refusal = (status: number, body: unknown) =>
  new VendorRefusal({ vendor: 'Recraft', step: 'submit', status, body })

test.group('Recraft | what it says', () => {
  test('errors are read whether they are JSON or text', ({ assert }) => {
    assert.equal(classify(refusal(401, 'Unauthorized')).class, 'provider_auth')
    assert.equal(classify(refusal(400, 'the prompt is about safety')).class, 'invalid_input')
    const moderated = classify(refusal(400, { code: 'nsfw_content', message: 'no' }))
    assert.equal(moderated.class, 'blocked_input')
    assert.equal(moderated.providerCode, 'nsfw_content')
    assert.equal(classify(refusal(403, 'Forbidden')).class, 'provider_balance')
    assert.equal(classify(refusal(504, '<html>')).class, 'outcome_unknown')
  })

  test('a tool answers one picture, a generation a list', ({ assert }) => {
    const answer = (body: unknown) => ({ body, bytes: new Uint8Array(), headers: {}, status: 200 })
    const url = 'https://img.recraft.ai/a'

    assert.deepEqual(toOutputs(answer({ image: { url } })), [{ url }])
    assert.deepEqual(toOutputs(answer({ data: [{ url }, { url }] })), [{ url }, { url }])
    assert.deepEqual(toOutputs(answer({ data: [{ b64_json: 'x' }, null] })), [])
    assert.deepEqual(toOutputs(answer({ image: null })), [])
  })

  test('the units it took are what is paid', ({ assert }) => {
    const model = models.find(({ id }) => id === 'recraft-v3')!
    const order = { input: { prompt: 'x', n: 2 }, references: {} }
    const terms = plainTerms(model.price)
    const upper = upperPrice(model, order, terms).cost
    const bill = (raw: unknown) =>
      actualPrice(model, { ...order, usage: usage(raw), upper, at: new Date() }, terms)

    assert.equal(upper.micro, 80_000n)
    assert.equal(bill({ outputs: 2, credits: 44 }).cost.micro, 44_000n)
    assert.equal(bill({ outputs: 2 }).cost.micro, 80_000n)
    assert.equal(bill({ outputs: 2, credits: 4000 }).report?.doubt, 'too_high')
  })
})
