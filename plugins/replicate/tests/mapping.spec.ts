import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { asJson, callOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { plainTerms } from '#tests/plain_terms'
import { classify, usage } from '../mapping.js'
import { offersOf } from '../models.js'
import plugin from '../plugin.js'
import { ReplicateProvider } from '../provider.js'
import { readCallback } from '../signature.js'
import FakeReplicate, { OFFERS, WEBHOOK_SECRET } from './fake.js'

const [painter, animator] = ['painter', 'animator'].map(
  (id) => offersOf(OFFERS).find(({ manifest }) => manifest.id === id)!.manifest
)

function refused(facts: { status: number; body: unknown; step?: VendorStep }) {
  return classify(new VendorRefusal({ vendor: 'Replicate', step: 'submit', ...facts }))
}

test.group('Replicate | refusals', () => {
  test('a 429 says in its words how long to wait', ({ assert }) => {
    const body = { detail: 'Request was throttled. Your rate limit resets in ~30s.' }

    const failure = refused({ status: 429, body })

    assert.equal(failure.class, 'rate_limited')
    assert.equal(failure.retryAfterMs, 30_000)
  })

  test('{status} at a submit is {means}')
    .with([
      { status: 201, means: 'outcome_unknown' },
      { status: 402, means: 'provider_balance' },
      { status: 422, means: 'invalid_input' },
      { status: 500, means: 'outcome_unknown' },
      { status: 502, means: 'outcome_unknown' },
      { status: 503, means: 'transient_before_accept' },
      { status: 504, means: 'outcome_unknown' },
    ])
    .run(({ assert }, { status, means }) => {
      assert.equal(refused({ status, body: {} }).class, means)
    })

  test('a prediction that {title} is {means}')
    .with([
      { title: 'failed', body: { status: 'failed', error: 'CUDA' }, means: 'provider_failed' },
      { title: 'is unsafe', body: { status: 'failed', error: 'NSFW' }, means: 'blocked_output' },
      { title: 'was canceled', body: { status: 'canceled' }, means: 'canceled' },
      { title: 'was aborted', body: { status: 'aborted' }, means: 'canceled' },
      {
        title: 'has lost its files',
        body: { status: 'succeeded', data_removed: true },
        means: 'asset_lost',
      },
    ])
    .run(({ assert }, { body, means }) => {
      assert.equal(refused({ status: 200, step: 'poll', body }).class, means)
    })

  test('a failed prediction says the seconds that it took of the hardware', ({ assert }) => {
    const body = { id: '1', status: 'failed', error: 'CUDA', metrics: { predict_time: 12.5 } }

    const { usage: billed } = refused({ status: 200, step: 'poll', body })

    assert.deepEqual(billed?.reportedCost, { amount: 12.5, unit: 'predict_time' })
  })
})

test.group('Replicate | a price by the seconds of the hardware', () => {
  test('is what was measured, and at most a little above what was held', async ({ assert }) => {
    const terms = plainTerms(animator.price)
    const call = await callOf(animator, { input: { prompt: 'waves' } })
    const upper = upperPrice(animator, call, terms).cost
    const cost = (predict_time: unknown) => {
      const measured = usage({ id: '1', outputs: 1, predict_time })
      return actualPrice(animator, { ...call, usage: measured, upper, at: new Date() }, terms).cost
    }

    assert.equal(upper.micro, 300_000n)
    assert.equal(cost(42.5).micro, 42_500n)
    // What cannot be, costs what the list says.
    assert.equal(cost('many').micro, 300_000n)
    assert.equal(cost(9_000).micro, 300_000n)
  })
})

test.group('Replicate | what an operator lists', (group) => {
  const fake = new FakeReplicate()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('is offered and made, without a line of code', async ({ assert }) => {
    const { outputs } = await finish(stand.open(), await callOf(painter))

    assert.isTrue(outputs.every(({ bytes }) => fake.hasMade(bytes)))
    assert.lengthOf(outputs, 1)
  })

  test('may be what the README shows', async ({ assert, cleanup }) => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const [, example] = /```json\n([\s\S]*?)```/.exec(readme)!
    const folder = await mkdtemp(join(tmpdir(), 'models-'))
    cleanup(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'replicate.json'), example)

    const [offer] = offersOf(join(folder, 'replicate.json'))

    assert.equal(offer.calls, 'owner/name')
    assert.equal(offer.manifest.execution.shape, 'poll')
  })

  test('is stopped at Replicate, too', async ({ assert }) => {
    const { provider } = stand.open()
    const call = await callOf(painter, { input: { prompt: 'a boat slow:3s' } })
    const accepted = asJson(await provider.submit(call))
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    // The kernel cancels when the signal of the job is aborted already.
    await provider.cancel({ ...call, signal: AbortSignal.abort('canceled') }, accepted.handle)

    assert.lengthOf(fake.callsTo('cancel'), 1)
  })
})

test.group('Replicate | webhooks', () => {
  const fake = new FakeReplicate()
  const now = new Date('2026-11-28T12:00:00Z')
  const body = '{"id":"prediction-1","status":"succeeded"}'
  const read = (callback: Parameters<typeof readCallback>[0]) =>
    readCallback(callback, { secret: WEBHOOK_SECRET, now }).is

  test('with the right signature are news', ({ assert }) => {
    assert.equal(read(fake.callback(body, now)), 'news')
  })

  test('may carry several signatures, one of which is right', ({ assert }) => {
    const callback = fake.callback(body, now)
    const right = callback.headers['webhook-signature']
    callback.headers['webhook-signature'] = `v1,${'A'.repeat(43)}= v2,abc ${right}`

    assert.equal(read(callback), 'news')
  })

  test('that were altered, are old, early or say nothing are forged', ({ assert }) => {
    const altered = { ...fake.callback(body, now), body: Buffer.from(`${body} `) }
    const old = fake.callback(body, new Date(now.getTime() - 301_000))
    const early = fake.callback(body, new Date(now.getTime() + 301_000))
    const bare = { headers: {}, query: {}, body: Buffer.from(body) }
    const renamed = fake.callback(body, now)
    renamed.headers['webhook-id'] = 'msg_other'
    const timeless = fake.callback(body, now)
    timeless.headers['webhook-timestamp'] = 'soon'
    const short = fake.callback(body, now)
    short.headers['webhook-signature'] = 'v1'

    for (const callback of [altered, old, early, bare, renamed, timeless, short]) {
      assert.equal(read(callback), 'forged')
    }
  })

  test('are asked for only where their signature can be read', async ({ assert }) => {
    const ask = async (secret?: string) => {
      const bodies: unknown[] = []
      const send = async ({ body: sent }: { body?: unknown }) => {
        bodies.push(sent)
        const json = () => ({ id: '1', status: 'starting' })
        return { status: 201, headers: {}, bytes: Buffer.alloc(0), json, text: () => '' }
      }
      const http = { send, download: () => Promise.reject(new Error('none')) }
      const secrets = {
        REPLICATE_MODELS: OFFERS,
        ...(secret !== undefined && { REPLICATE_WEBHOOK_SECRET: secret }),
      }
      const provider = new ReplicateProvider({ http, secrets, now: () => now })
      await provider.submit({ ...(await callOf(painter)), callbackUrl: 'https://us.example/1' })
      return {
        sent: JSON.stringify(bodies),
        reading: provider.parseWebhook(fake.callback(body, now)),
      }
    }
    const [heard, deaf] = [await ask(WEBHOOK_SECRET), await ask()]

    assert.include(heard.sent, '"webhook":"https://us.example/1"')
    assert.include(heard.sent, '"webhook_events_filter":["completed"]')
    assert.equal(heard.reading.is, 'news')
    assert.notInclude(deaf.sent, 'webhook')
    assert.equal(deaf.reading.is, 'forged')
  })
})
