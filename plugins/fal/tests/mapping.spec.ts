import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { asJson, callOf, failureOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { classify, ResultRefused } from '../mapping.js'
import { offersOf } from '../models.js'
import plugin from '../plugin.js'
import { FalProvider } from '../provider.js'
import FakeFal, { OFFERS } from './fake.js'

const painter = offersOf(OFFERS).find(({ manifest }) => manifest.id === 'painter')!.manifest

interface Refused {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

const result = ({ body = {}, ...facts }: Refused) =>
  classify(new ResultRefused(new VendorRefusal({ vendor: 'fal', step: 'poll', body, ...facts })))

const submit = ({ body = {}, ...facts }: Refused) =>
  classify(new VendorRefusal({ vendor: 'fal', step: 'submit', body, ...facts })).class

const policy = (loc: string[]) => ({ detail: [{ loc, type: 'content_policy_violation' }] })

test.group('fal | a request that is COMPLETED', () => {
  test('{title} is {means}')
    .with([
      {
        title: 'refused for its prompt',
        facts: { status: 422, body: policy(['body', 'prompt']) },
        means: 'blocked_input',
      },
      {
        title: 'refused for what was made',
        facts: { status: 422, body: policy(['output']) },
        means: 'blocked_output',
      },
      {
        title: 'refused for a field',
        facts: { status: 422, body: { detail: [{ loc: ['body', 'x'], type: 'value_error' }] } },
        means: 'invalid_input',
      },
      { title: 'broken', facts: { status: 500 }, means: 'provider_failed' },
      {
        title: 'broken, as a header says',
        facts: { status: 504, headers: { 'x-fal-error-type': 'generation_timeout' } },
        means: 'provider_failed',
      },
      {
        title: 'behind a gateway that is busy',
        facts: { status: 503 },
        means: 'transient_on_poll',
      },
      { title: 'all black', facts: { status: 200 }, means: 'blocked_output' },
    ] satisfies { title: string; facts: Refused; means: string }[])
    .run(({ assert }, { facts, means }) => {
      assert.equal(result(facts).class, means)
    })
})

test.group('fal | a submit', () => {
  test('of an account that is locked is the balance, and else the key', ({ assert }) => {
    assert.equal(
      submit({ status: 403, body: { detail: 'User is locked. Reason: Exhausted balance.' } }),
      'provider_balance'
    )
    assert.equal(submit({ status: 403, body: { detail: 'Forbidden' } }), 'provider_auth')
  })

  test('without the addresses of its request leaves it open', ({ assert }) => {
    assert.equal(submit({ status: 200 }), 'outcome_unknown')
    assert.equal(submit({ status: 504 }), 'outcome_unknown')
  })
})

test.group('fal | the queue', (group) => {
  const fake = new FakeFal()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('has what an operator lists, and is asked by the addresses that it has said', async ({
    assert,
  }) => {
    const { outputs } = await finish(stand.open(), await callOf(painter))

    const paths = fake.calls.map(({ method, path }) => `${method} ${path.replace(/-\d+/, '')}`)
    assert.deepEqual(paths.slice(0, 3), [
      'POST /fal-ai/painter',
      'GET /fal-ai/painter/requests/request/status',
      'GET /fal-ai/painter/requests/request',
    ])
    assert.lengthOf(outputs, 1)
  })

  test('leads nowhere else, whatever address it says', async ({ assert }) => {
    const { provider } = stand.open()
    const call = await callOf(painter)
    const accepted = asJson(await provider.submit(call))
    if (accepted.status !== 'pending') throw new Error('It was done at once.')
    const handle = { ...accepted.handle, result: 'https://169.254.169.254/latest/meta-data' }
    const asked = fake.calls.length

    const failure = await failureOf(provider, provider.poll(call, handle))

    assert.equal(failure.class, 'provider_failed')
    assert.lengthOf(fake.calls, asked + 1, 'its status was asked, and nothing else')
  })

  test('is told to stop, and has no such request any more', async ({ assert }) => {
    const { provider } = stand.open()
    const call = await callOf(painter, { input: { prompt: 'a boat slow:3s' } })
    const accepted = asJson(await provider.submit(call))
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    // The kernel cancels when the signal of the job is aborted already.
    await provider.cancel({ ...call, signal: AbortSignal.abort('canceled') }, accepted.handle)
    const failure = await failureOf(provider, provider.poll(call, accepted.handle))

    assert.equal(failure.class, 'canceled')
  })

  test('delivers what was not blackened, and counts that alone', async ({ assert }) => {
    fake.arm('partial')
    const call = await callOf(painter, { input: { prompt: 'boats', num_images: 3 } })

    const station = stand.open()
    const { outputs, raw } = await finish(station, call)

    assert.lengthOf(outputs, 2)
    assert.equal(station.provider.usage(raw).outputs, 2)
    assert.deepEqual(station.provider.usage(raw).reportedCost, {
      amount: 3.5,
      unit: 'inference_time',
    })
  })
})

test.group('fal | callbacks', () => {
  test('are asked for in the address of the submit, and only mean to poll', async ({ assert }) => {
    const asked: string[] = []
    const send = async ({ url }: { url: string }) => {
      asked.push(url)
      const address = 'https://queue.fal.run/x'
      const urls = { status_url: address, response_url: address, cancel_url: address }
      const json = () => ({ request_id: '1', ...urls })
      return { status: 200, headers: {}, bytes: Buffer.alloc(0), json, text: () => '' }
    }
    const http = { send, download: () => Promise.reject(new Error('none')) }
    const provider = new FalProvider({ http, secrets: { FAL_MODELS: OFFERS } })

    await provider.submit({ ...(await callOf(painter)), callbackUrl: 'https://us.example/1?a=b' })

    assert.equal(new URL(asked[0]).searchParams.get('fal_webhook'), 'https://us.example/1?a=b')
    assert.deepEqual(provider.parseWebhook(), { is: 'news' })
  })
})

test.group('fal | the README', () => {
  test('shows a file that is taken', async ({ assert, cleanup }) => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const [, example] = /```json\n([\s\S]*?)```/.exec(readme)!
    const folder = await mkdtemp(join(tmpdir(), 'models-'))
    cleanup(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'fal.json'), example)

    const [offer] = offersOf(join(folder, 'fal.json'))

    assert.equal(offer.calls, 'fal-ai/name')
    assert.isTrue(offer.manifest.capabilities.cancel)
  })
})
