import { createHmac, timingSafeEqual } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import sharp from 'sharp'
import type { CallbackReading, ProviderAnswer, VendorCallback } from '#core/plugins/model_provider'
import { PluginRegistry } from '#core/plugins/registry'
import { callbackUrl } from '#app/generations/callback_url'
import { newPicture, newStudio, type Body } from './studio.js'

const MODEL = 'local/resize'
const SIGNING_KEY = 'a key that only the vendor and we have'
const HOUR_MS = 3_600_000

const signed = (text: string) => createHmac('sha256', SIGNING_KEY).update(text).digest('hex')

/** As a plugin does it whose vendor signs with HMAC. */
function parseWebhook({ headers, body }: VendorCallback): CallbackReading {
  const text = Buffer.from(body).toString()
  const [given, right] = [headers['x-signature'] ?? '', signed(text)].map((one) => Buffer.from(one))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { is: 'forged' }
  const told = JSON.parse(text)
  if (Date.now() - told.at > 300_000) return { is: 'forged' }
  return told.challenge
    ? { is: 'challenge', answer: { challenge: told.challenge } }
    : { is: 'news' }
}

/** A vendor that is to be asked again in an hour, and tells when it is done. */
async function telling(
  cleanup: (undo: () => void) => void,
  callback: 'signed' | 'unsigned' = 'signed'
) {
  const registry = await app.container.make(PluginRegistry)
  const model = registry.find(MODEL)!
  const provider = registry.provider(model)
  const { submit, poll, usage, parseWebhook: parse } = provider
  const { execution } = model
  process.env.LOCAL_BASE_URL = 'http://127.0.0.1:9'
  cleanup(() => {
    Object.assign(provider, { submit, poll, usage, parseWebhook: parse })
    model.execution = execution
    delete process.env.LOCAL_BASE_URL
  })
  const vendor = { urls: [] as (string | null)[], polls: 0, done: false }
  model.execution = { ...execution, shape: 'poll', callback }
  provider.submit = async (call) => {
    vendor.urls.push(call.callbackUrl)
    return pending
  }
  provider.poll = async () => {
    vendor.polls++
    return vendor.done ? done() : pending
  }
  provider.usage = () => ({ outputs: 1 })
  provider.parseWebhook = callback === 'signed' ? parseWebhook : () => ({ is: 'news' })
  return vendor
}

const pending: ProviderAnswer = {
  status: 'pending',
  handle: { task: 'abc' },
  pollAfterMs: HOUR_MS,
}

async function done(): Promise<ProviderAnswer> {
  const create = { width: 8, height: 8, channels: 3, background: '#36a' } as const
  const bytes = await sharp({ create }).png().toBuffer()
  return { status: 'done', outputs: [{ bytes, contentType: 'image/png' }], raw: {} }
}

async function working(client: ApiClient) {
  const studio = await newStudio(client)
  const image = await newPicture(studio.id)
  const { id } = await studio.accepted({ model: MODEL, input: { image, width: 8 } })
  await studio.until(id, ({ status }) => status === 'running')
  return { studio, id }
}

const tell = (client: ApiClient, url: string, told: Body, headers: Record<string, string> = {}) => {
  const text = JSON.stringify(told)
  const { pathname } = new URL(url)
  return client
    .post(pathname)
    .headers({ 'content-type': 'application/json', 'x-signature': signed(text), ...headers })
    .json(told)
}

const news = () => ({ at: Date.now(), status: 'done' })

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test.group('What a vendor tells of its work', () => {
  for (const callback of ['signed', 'unsigned'] as const) {
    test(`${callback}: it is asked at once, and its answer settles`, async ({
      client,
      assert,
      cleanup,
    }) => {
      const vendor = await telling(cleanup, callback)
      const { studio, id } = await working(client)
      await until(() => vendor.urls.length === 1)
      vendor.done = true

      const answer = await tell(client, vendor.urls[0]!, news())

      answer.assertStatus(202)
      assert.deepEqual(answer.body(), { effect: 'asked' })
      const { status } = await studio.until(id, ({ finished_at: at }) => at !== null)
      assert.equal(status, 'succeeded')
      assert.equal(vendor.polls, 1)
      assert.deepEqual(await studio.violations(), [])
    })
  }

  test('a callback that lies makes us ask, and believe the vendor', async ({
    client,
    assert,
    cleanup,
  }) => {
    const vendor = await telling(cleanup)
    const { studio, id } = await working(client)
    await until(() => vendor.urls.length === 1)
    const before = await studio.kept()

    for (let n = 0; n < 5; n++) {
      const answer = await tell(client, vendor.urls[0]!, news())
      answer.assertStatus(202)
    }
    await until(() => vendor.polls === 1)

    // However often it is told, it is asked once a second at most.
    assert.equal(vendor.polls, 1)
    const generation = await studio.until(id, () => true)
    assert.equal(generation.status, 'running')
    assert.deepEqual(await studio.kept(), before)
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ finished_at: at }) => at !== null)
  })

  test('{title} is not believed, and leaves nothing')
    .with([
      { title: 'a wrong signature', told: news(), headers: { 'x-signature': 'ab'.repeat(32) } },
      { title: 'no signature', told: news(), headers: { 'x-signature': '' } },
      { title: 'a replay of long ago', told: { at: Date.now() - 600_000 }, headers: {} },
    ])
    .run(async ({ client, assert, cleanup }, { told, headers }) => {
      const vendor = await telling(cleanup)
      const { studio, id } = await working(client)
      await until(() => vendor.urls.length === 1)
      const before = await studio.kept()

      const answer = await tell(client, vendor.urls[0]!, told, headers as Record<string, string>)

      answer.assertStatus(401)
      assert.equal(answer.body().error.code, 'callback_forged')
      assert.deepEqual(await studio.kept(), before)
      assert.equal(vendor.polls, 0)
      await studio.post(`/v1/generations/${id}/cancel`)
      await studio.until(id, ({ finished_at: at }) => at !== null)
    })

  test('an address that nobody was given is unknown', async ({ client, assert, cleanup }) => {
    const vendor = await telling(cleanup)
    const { studio, id } = await working(client)
    await until(() => vendor.urls.length === 1)
    const url = vendor.urls[0]!
    const stranger = { provider: 'local', accountId: studio.id, jobId: 'job_nobody' }

    const wrong = [
      url.slice(0, -1) + (url.endsWith('A') ? 'B' : 'A'),
      url.replace('/local/', '/sandbox/'),
      url.replace(id.replace('gen_', 'job_'), 'job_other'),
      callbackUrl(stranger),
      callbackUrl({ ...stranger, provider: 'nothing' }),
    ]
    for (const address of wrong) {
      const answer = await tell(client, address, news())
      answer.assertStatus(404)
      assert.equal(answer.body().error.code, 'callback_unknown')
    }
    assert.equal(vendor.polls, 0)
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ finished_at: at }) => at !== null)
  })

  test('a late one says how the job ended, and leaves nothing', async ({
    client,
    assert,
    cleanup,
  }) => {
    const vendor = await telling(cleanup)
    const { studio, id } = await working(client)
    await until(() => vendor.urls.length === 1)
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ finished_at: at }) => at !== null)
    const before = await studio.kept()

    const answer = await tell(client, vendor.urls[0]!, news())

    answer.assertStatus(200)
    assert.deepEqual(answer.body(), { effect: 'none', found: 'canceled' })
    assert.deepEqual(await studio.kept(), before)
  })

  test('a challenge is answered', async ({ client, assert, cleanup }) => {
    const vendor = await telling(cleanup)
    const { studio, id } = await working(client)
    await until(() => vendor.urls.length === 1)

    const answer = await tell(client, vendor.urls[0]!, { at: Date.now(), challenge: 'say this' })

    answer.assertStatus(200)
    assert.deepEqual(answer.body(), { challenge: 'say this' })
    assert.equal(vendor.polls, 0)
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ finished_at: at }) => at !== null)
  })

  test('what is no JSON, or too large, is refused without a fault of ours', async ({
    client,
    assert,
    cleanup,
  }) => {
    const vendor = await telling(cleanup)
    const { studio, id } = await working(client)
    await until(() => vendor.urls.length === 1)
    const { pathname } = new URL(vendor.urls[0]!)
    const send = (text: string) =>
      client
        .post(pathname)
        .headers({ 'content-type': 'application/json', 'x-signature': signed(text) })
        .setup((request) => void request.request.send(text))

    const broken = await send('{"at":')
    const large = await send('x'.repeat(300_000))

    broken.assertStatus(401)
    large.assertStatus(413)
    assert.equal(large.body().error.code, 'body_too_large')
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ finished_at: at }) => at !== null)
  })
})
