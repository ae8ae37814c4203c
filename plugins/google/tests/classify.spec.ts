import { test } from '@japa/runner'
import { upperPrice, actualPrice } from '#core/prices/price_model'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { callOf, finish } from '#tests/contracts/model_provider/orders'
import { plainTerms } from '#tests/plain_terms'
import { classify } from '../classify.js'
import plugin from '../plugin.js'
import FakeGoogle from './fake.js'

const refusal = (status: number, body: unknown, step: VendorStep = 'submit') =>
  new VendorRefusal({ vendor: 'Google', step, status, body })

const error = (code: number, status: string, details: object[] = []) =>
  refusal(code, { error: { code, message: 'a secret prompt', status, details } })

test.group('Google | what it says', () => {
  test('a finish for {0} is {1}')
    .with([
      ['SAFETY', 'blocked_output'],
      ['IMAGE_SAFETY', 'blocked_output'],
      ['PROHIBITED_CONTENT', 'blocked_output'],
      ['IMAGE_PROHIBITED_CONTENT', 'blocked_output'],
      ['RECITATION', 'blocked_output'],
      ['IMAGE_RECITATION', 'blocked_output'],
      ['SPII', 'blocked_output'],
      ['BLOCKLIST', 'blocked_output'],
      ['LANGUAGE', 'blocked_output'],
      ['NO_IMAGE', 'no_output'],
      ['IMAGE_OTHER', 'no_output'],
      ['OTHER', 'no_output'],
      ['MAX_TOKENS', 'no_output'],
      ['STOP', 'no_output'],
    ] as const)
    .run(({ assert }, [finishReason, expected]) => {
      const { class: found, providerCode } = classify(
        refusal(200, { candidates: [{ finishReason }] })
      )

      assert.equal(found, expected)
      assert.equal(providerCode, finishReason)
    })

  test('a prompt that is blocked for {$self} is blocked input')
    .with(['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'JAILBREAK'])
    .run(({ assert }, blockReason) => {
      const found = classify(refusal(200, { promptFeedback: { blockReason } }))

      assert.equal(found.class, 'blocked_input')
      assert.equal(found.providerCode, blockReason)
    })

  test('a block says which tokens are billed nonetheless', ({ assert }) => {
    const { usage } = classify(
      refusal(200, {
        candidates: [{ finishReason: 'IMAGE_SAFETY' }],
        usageMetadata: { promptTokenCount: 40, candidatesTokenCount: 3, thoughtsTokenCount: 7 },
      })
    )

    assert.equal(usage?.outputs, 0)
    assert.deepEqual(usage?.tokens, { textIn: 40, imageIn: 0, imageOut: 0, textOut: 10 })
  })

  test('{0} {1} is {2}')
    .with([
      [400, 'INVALID_ARGUMENT', 'invalid_input'],
      [400, 'FAILED_PRECONDITION', 'provider_balance'],
      [403, 'PERMISSION_DENIED', 'provider_auth'],
      [404, 'NOT_FOUND', 'model_retired'],
      [429, 'RESOURCE_EXHAUSTED', 'rate_limited'],
      [500, 'INTERNAL', 'transient_before_accept'],
      [503, 'UNAVAILABLE', 'transient_before_accept'],
      [504, 'DEADLINE_EXCEEDED', 'transient_before_accept'],
    ] as const)
    .run(({ assert }, [code, status, expected]) => {
      const { class: found, message } = classify(error(code, status))

      assert.equal(found, expected)
      assert.notInclude(message, 'secret')
    })

  test('a 504 of a gateway may have been heard', ({ assert }) => {
    assert.equal(classify(refusal(504, '<html>')).class, 'outcome_unknown')
  })

  test('a wait is read from RetryInfo, of the minute and of the day', ({ assert }) => {
    const minute = classify(error(429, 'RESOURCE_EXHAUSTED', [{ retryDelay: '55s' }]))
    const day = classify(
      error(429, 'RESOURCE_EXHAUSTED', [
        { violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] },
        { retryDelay: '1.5s' },
      ])
    )

    assert.deepInclude(minute, { class: 'rate_limited', retryAfterMs: 55_000 })
    assert.deepInclude(day, { class: 'quota_daily', retryAfterMs: 1_500 })
  })

  test('an operation that ends with code {0} is {1}')
    .with([
      [3, 'invalid_input'],
      [8, 'rate_limited'],
      [13, 'provider_failed'],
    ] as const)
    .run(({ assert }, [code, expected]) => {
      const body = { done: true, error: { code, message: 'It broke.' } }

      assert.equal(classify(refusal(200, body, 'poll')).class, expected)
    })

  test('an error at a poll leaves the work under way', ({ assert }) => {
    const body = { error: { status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '3s' }] } }

    assert.deepInclude(classify(refusal(429, body, 'poll')), {
      class: 'transient_on_poll',
      retryAfterMs: 3_000,
    })
  })
})

test.group('Google | pictures and films', (group) => {
  const fake = new FakeGoogle()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)
  const model = (id: string) => plugin.models.find((one) => one.id === id)!

  test('a result that nobody has asked for is not delivered, and fits into the hold', async ({
    assert,
  }) => {
    const flash = model('gemini-3.1-flash-image')
    const call = await callOf(flash, { input: { prompt: 'two results' } })

    const station = stand.open()
    const { outputs, raw } = await finish(station, call)

    assert.lengthOf(outputs, 1)
    assert.isTrue(fake.hasMade(outputs[0].bytes), 'a sketch was delivered')
    const doubled = {
      outputs: 1,
      tokens: { ...station.provider.usage(raw).tokens, imageOut: 2_240 },
    }
    const terms = plainTerms(flash.price)
    const upper = upperPrice(flash, call, terms).cost
    const { cost } = actualPrice(flash, { ...call, usage: doubled, upper, at: new Date() }, terms)
    assert.isTrue(cost.micro <= upper.micro)
  })

  test('a film is told where to call, and a call is only news', async ({ assert }) => {
    const call = await callOf(model('veo-3.1-fast'))
    const { provider } = stand.open()

    await provider.submit({ ...call, callbackUrl: 'https://studio.example/hooks/1' })

    const [{ json }] = fake.callsTo('submit')
    assert.deepEqual(json().webhookConfig, { uris: ['https://studio.example/hooks/1'] })
    const callback = { headers: {}, query: {}, body: Buffer.from('{}') }
    assert.deepEqual(provider.parseWebhook(callback), { is: 'news' })
  })

  test('films cost by the second, by what they are', async ({ assert }) => {
    const cost = async (id: string, input: object) => {
      const call = await callOf(model(id), { input: { prompt: 'x', ...input } })
      return upperPrice(model(id), call, plainTerms(model(id).price)).cost.micro
    }

    assert.equal(await cost('veo-3.1-generate', {}), 3_200_000n)
    assert.equal(await cost('veo-3.1-generate', { resolution: '4k' }), 4_800_000n)
    assert.equal(await cost('veo-3.1-fast', { resolution: '1080p' }), 960_000n)
    assert.equal(await cost('veo-3.1-lite', { duration_seconds: 4 }), 200_000n)
  })
})
