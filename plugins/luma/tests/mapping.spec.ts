import { test } from '@japa/runner'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { upperPrice } from '#core/prices/price_model'
import { callOf } from '#tests/contracts/model_provider/orders'
import { plainTerms } from '#tests/plain_terms'
import { classify } from '../mapping.js'
import plugin from '../plugin.js'
import { LumaProvider } from '../provider.js'

function refused(status: number, body: unknown, step: VendorStep = 'submit') {
  return classify(new VendorRefusal({ vendor: 'Luma', step, status, body })).class
}

test.group('Luma | what a 400 means', () => {
  test('is told by its sentence: {detail}')
    .with([
      { detail: 'Insufficient credits', means: 'provider_balance' },
      { detail: 'Prompt failed moderation', means: 'blocked_input' },
      { detail: 'aspect_ratio is wrong', means: 'invalid_input' },
      { detail: [{ msg: 'blocked by content policy' }], means: 'blocked_input' },
      { detail: [{ msg: 'field required' }, {}], means: 'invalid_input' },
      { detail: null, means: 'invalid_input' },
    ])
    .run(({ assert }, { detail, means }) => {
      assert.equal(refused(400, { detail }), means)
    })

  test('that is no JSON is a wrong input', ({ assert }) => {
    assert.equal(refused(400, '<html>'), 'invalid_input')
  })

  test('what is accepted without an id leaves it open', ({ assert }) => {
    assert.equal(refused(201, {}), 'outcome_unknown')
  })
})

test.group('Luma | what a generation comes to', () => {
  test('{reason} is {means}')
    .with([
      { reason: 'Removed by moderation', means: 'blocked_output' },
      { reason: 'Internal error', means: 'provider_failed' },
      { reason: null, means: 'provider_failed' },
    ])
    .run(({ assert }, { reason, means }) => {
      const body = { id: '1', state: 'failed', failure_reason: reason }
      assert.equal(refused(200, body, 'poll'), means)
    })
})

test.group('Luma | callbacks', () => {
  test('are asked for where there is an address, and only mean to poll', async ({ assert }) => {
    const sent: unknown[] = []
    const send = async ({ body }: { body?: unknown }) => {
      sent.push(body)
      const json = () => ({ id: '1', state: 'queued' })
      return { status: 201, headers: {}, bytes: Buffer.alloc(0), json, text: () => '' }
    }
    const provider = new LumaProvider({ send, download: () => Promise.reject(new Error('none')) })
    const call = await callOf(plugin.models[0], { input: { prompt: 'a boat' } })

    await provider.submit({ ...call, callbackUrl: 'https://studio.example/hook' })

    assert.include(JSON.stringify(sent), '"callback_url":"https://studio.example/hook"')
    assert.deepEqual(provider.parseWebhook(), { is: 'news' })
  })
})

test.group('Luma | prices', () => {
  test('{model} in {resolution} for {seconds} s is what the list says')
    .with([
      { model: 'ray-2', resolution: '540p', seconds: 5, cents: 40 },
      { model: 'ray-2', resolution: '720p', seconds: 5, cents: 71 },
      { model: 'ray-2', resolution: '720p', seconds: 9, cents: 127 },
      { model: 'ray-2', resolution: '1080p', seconds: 9, cents: 287 },
      { model: 'ray-2', resolution: '4k', seconds: 9, cents: 1147 },
      { model: 'ray-flash-2', resolution: '4k', seconds: 9, cents: 394 },
    ])
    .run(async ({ assert }, { model: id, resolution, seconds, cents }) => {
      const model = plugin.models.find((one) => one.id === id)!
      const call = await callOf(model, { input: { prompt: 'waves', resolution, seconds } })

      const { cost } = upperPrice(model, call, plainTerms(model.price))

      assert.equal(Math.round(Number(cost.micro) / 10_000), cents)
    })
})
