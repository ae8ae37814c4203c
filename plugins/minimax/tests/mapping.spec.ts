import { test } from '@japa/runner'
import type { ProviderAnswer } from '#core/plugins/model_provider'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { callOf, failureOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { classify, readCallback } from '../mapping.js'
import plugin from '../plugin.js'
import { MiniMaxProvider } from '../provider.js'
import FakeMiniMax from './fake.js'

const [model] = plugin.models
const order = { input: { prompt: 'waves' } }

function refused(code: number, step: VendorStep) {
  const body = { base_resp: { status_code: code } }
  return classify(new VendorRefusal({ vendor: 'MiniMax', step, status: 200, body })).class
}

/** A vendor that answers these, one after the other, and the URLs that were asked for. */
function scripted(...answers: unknown[]) {
  const asked: string[] = []
  const send = async ({ url }: { url: string }) => {
    asked.push(url)
    const json = answers.shift()
    return { status: 200, headers: {}, bytes: Buffer.alloc(0), json: () => json, text: () => '' }
  }
  const http = { send, download: () => Promise.reject(new Error('none')) }
  return { asked, provider: new MiniMaxProvider(http) }
}

test.group('MiniMax | codes of answers with status 200', () => {
  test('{code} is {submit} at a submit and {poll} at a poll')
    .with([
      { code: 1000, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { code: 1001, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { code: 1002, submit: 'rate_limited', poll: 'transient_on_poll' },
      { code: 1004, submit: 'provider_auth', poll: 'transient_on_poll' },
      { code: 1008, submit: 'provider_balance', poll: 'transient_on_poll' },
      { code: 1024, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { code: 1026, submit: 'blocked_input', poll: 'blocked_input' },
      { code: 1027, submit: 'blocked_output', poll: 'blocked_output' },
      { code: 1033, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { code: 1039, submit: 'rate_limited', poll: 'transient_on_poll' },
      { code: 1041, submit: 'concurrency_full', poll: 'transient_on_poll' },
      { code: 2013, submit: 'invalid_input', poll: 'provider_failed' },
      { code: 9999, submit: 'provider_failed', poll: 'provider_failed' },
      { code: 0, submit: 'outcome_unknown', poll: 'provider_failed' },
    ] as const)
    .run(({ assert }, { code, submit, poll }) => {
      assert.equal(refused(code, 'submit'), submit)
      assert.equal(refused(code, 'poll'), poll)
    })
})

test.group('MiniMax | three steps to a film', (group) => {
  const fake = new FakeMiniMax()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('a task, a file and a link, each by the id of the one before', async ({ assert }) => {
    await finish(stand.open(), await callOf(model, order))

    const paths = fake.calls.map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual(paths.slice(0, 3), [
      'POST /v1/video_generation',
      'GET /v1/query/video_generation',
      'GET /v1/files/retrieve',
    ])
    assert.lengthOf(fake.calls, 4, 'the film itself is the fourth')
  })

  test('a link that cannot be had yet is asked for again, without a second film', async ({
    assert,
  }) => {
    const done = { status: 'Success', file_id: 176844028768320, base_resp: { status_code: 0 } }
    const busy = { base_resp: { status_code: 1033 } }
    const link = { file: { download_url: 'https://cdn.minimax.io/a.mp4' } }
    const { provider, asked } = scripted(done, busy, done, link)
    const call = await callOf(model, order)
    const handle = { task_id: '7' }

    const failure = await failureOf(provider, provider.poll(call, handle))
    const answer: ProviderAnswer = await provider.poll(call, handle)

    assert.equal(failure.class, 'transient_on_poll')
    assert.equal(answer.status, 'done')
    assert.include(asked.at(-1), '/files/retrieve?file_id=176844028768320')
  })
})

test.group('MiniMax | callbacks', () => {
  const callback = (body: string) =>
    readCallback({ headers: {}, query: {}, body: Buffer.from(body) })

  test('a challenge is echoed', ({ assert }) => {
    assert.deepEqual(callback('{"challenge":"abc"}'), {
      is: 'challenge',
      answer: { challenge: 'abc' },
    })
  })

  test('whatever else is JSON only means to poll', ({ assert }) => {
    assert.deepEqual(callback('{"task_id":"1","status":"Success"}'), { is: 'news' })
    assert.deepEqual(callback('<html>'), { is: 'forged' })
  })

  test('are asked for where there is an address', async ({ assert }) => {
    const bodies: unknown[] = []
    const http = {
      send: async ({ body }: { body?: unknown }) => {
        bodies.push(body)
        const json = () => ({ task_id: '1', base_resp: { status_code: 0 } })
        return { status: 200, headers: {}, bytes: Buffer.alloc(0), json, text: () => '' }
      },
      download: () => Promise.reject(new Error('none')),
    }
    const call = { ...(await callOf(model, order)), callbackUrl: 'https://studio.example/hook' }

    await new MiniMaxProvider(http).submit(call)

    assert.include(JSON.stringify(bodies), '"callback_url":"https://studio.example/hook"')
  })
})
