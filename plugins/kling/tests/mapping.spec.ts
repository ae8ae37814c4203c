import { test } from '@japa/runner'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { VendorRefusal, type VendorStep } from '#core/plugins/vendor_steps'
import { callOf, failureOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { classify } from '../mapping.js'
import plugin from '../plugin.js'
import { KlingProvider } from '../provider.js'
import FakeKling from './fake.js'

const model = plugin.models.find(({ id }) => id === 'v2-6')!

function refused(code: number, { step = 'submit' as VendorStep, status = 200 } = {}) {
  return classify(new VendorRefusal({ vendor: 'Kling', step, status, body: { code } })).class
}

test.group('Kling | codes in the body', () => {
  test('{code} is {submit} at a submit and {poll} at a poll')
    .with([
      { code: 1000, submit: 'provider_auth', poll: 'transient_on_poll' },
      { code: 1004, submit: 'provider_auth', poll: 'transient_on_poll' },
      { code: 1101, submit: 'provider_balance', poll: 'transient_on_poll' },
      { code: 1102, submit: 'provider_balance', poll: 'transient_on_poll' },
      { code: 1103, submit: 'provider_auth', poll: 'transient_on_poll' },
      { code: 1200, submit: 'invalid_input', poll: 'provider_failed' },
      { code: 1301, submit: 'blocked_input', poll: 'blocked_output' },
      { code: 1302, submit: 'rate_limited', poll: 'transient_on_poll' },
      { code: 1303, submit: 'concurrency_full', poll: 'transient_on_poll' },
      { code: 5002, submit: 'transient_before_accept', poll: 'transient_on_poll' },
    ] as const)
    .run(({ assert }, { code, submit, poll }) => {
      assert.equal(refused(code), submit)
      assert.equal(refused(code, { step: 'poll' }), poll)
      assert.equal(refused(code, { status: 429 }), submit, 'the status says otherwise')
    })

  test('a submit that says neither a code nor a task leaves it open', ({ assert }) => {
    assert.equal(refused(0), 'outcome_unknown')
  })
})

/** A vendor that always answers this, with status 200. */
function alwaysSays(json: unknown) {
  const answer = { status: 200, headers: {}, bytes: Buffer.alloc(0) }
  const send = async () => ({ ...answer, json: () => json, text: () => '' })
  return new KlingProvider({ send, download: () => Promise.reject(new Error('none')) })
}

test.group('Kling | a code of an answer with status 200', () => {
  const handle = { path: '/v1/videos/text2video', id: 'task-1' }

  test('is no task under way', async ({ assert }) => {
    const call = await callOf(model, { input: { prompt: 'waves' } })
    const classAt = async (code: number) => {
      const provider = alwaysSays({ code, message: 'refused' })
      const failure = await failureOf(provider, provider.poll(call, handle))
      return failure.class
    }

    assert.equal(await classAt(5001), 'transient_on_poll')
    assert.equal(await classAt(1203), 'provider_failed')
  })

  test('is no word on whether a task is there, unless it says so', async ({ assert }) => {
    const call = await callOf(model, { input: { prompt: 'waves' } })
    const busy = alwaysSays({ code: 5001, message: 'busy' })

    const failure = await failureOf(busy, busy.lookup(call))

    assert.equal(failure.class, 'outcome_unknown')
    assert.isNull(await alwaysSays({ code: 1203, message: 'none' }).lookup(call))
  })
})

test.group('Kling | who we are', (group) => {
  const fake = new FakeKling()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('is told by a token of half an hour, and never by a key', async ({ assert }) => {
    await finish(stand.open(), await callOf(model, { input: { prompt: 'waves' } }))

    const [{ headers }] = fake.callsTo('submit')
    const token = headers.authorization.replace('Bearer ', '')
    const { iss, exp, nbf } = decodeJwt(token)
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'HS256', typ: 'JWT' })
    assert.equal(iss, fake.secrets.KLING_ACCESS_KEY)
    assert.equal(exp! - nbf!, 1_805)
    for (const secret of [fake.secrets.KLING_SECRET_KEY]) {
      assert.notInclude(JSON.stringify(headers), secret)
    }
  })
})

test.group('Kling | a task that nobody heard of', (group) => {
  const fake = new FakeKling()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)
  const order = { input: { prompt: 'waves' } }

  for (const [title, attempt] of [
    ['by the same attempt', 1],
    ['by the one after a lost worker', 2],
  ] as const) {
    test(`is found again ${title}, and not submitted twice`, async ({ assert }) => {
      const { provider, http } = stand.open()
      const call = await callOf(model, order, { jobId: `job_lost_${attempt}` })
      fake.arm('lost')
      await assert.rejects(() => provider.submit(call))

      const found = await provider.lookup({ ...call, attempt })
      const { outputs } = await finish({ provider, http }, call, found!)

      assert.lengthOf(outputs, 1)
      assert.lengthOf(fake.callsTo('submit'), 1)
    })
  }

  test('that never arrived is none', async ({ assert }) => {
    const { provider } = stand.open()
    const call = await callOf(model, order, { jobId: 'job_never' })

    assert.isNull(await provider.lookup(call))
  })

  test('that is known to have failed is no reason not to submit the next', async ({ assert }) => {
    const station = stand.open()
    const call = await callOf(model, order, { jobId: 'job_failed' })
    fake.arm('failed')
    await assert.rejects(() => finish(station, call))

    const again = { ...call, attempt: 2 }
    const found = await station.provider.lookup(again)
    const { outputs } = await finish(station, again)

    assert.isNull(found)
    assert.lengthOf(outputs, 1)
  })

  test('stays in doubt while Kling cannot be asked', async ({ assert }) => {
    const { provider } = stand.open()
    const call = await callOf(model, order, { jobId: 'job_doubt' })
    fake.arm('server', { at: 'poll' })

    const failure = await provider.lookup(call).then(
      () => assert.fail('it was told something'),
      (error: unknown) => provider.classify(error)
    )

    assert.equal(failure!.class, 'outcome_unknown')
  })
})

test.group('Kling | callbacks', () => {
  test('are asked for where there is an address, and only mean to poll', async ({ assert }) => {
    const sent: unknown[] = []
    const send = async ({ body }: { body?: unknown }) => {
      sent.push(body)
      const json = { code: 0, data: { task_id: 'task-1' } }
      return { status: 200, headers: {}, bytes: Buffer.alloc(0), json: () => json, text: () => '' }
    }
    const provider = new KlingProvider({ send, download: () => Promise.reject(new Error('none')) })
    const call = await callOf(model, { input: { prompt: 'waves' } })

    await provider.submit({ ...call, callbackUrl: 'https://studio.example/hooks/1' })

    assert.include(JSON.stringify(sent), '"callback_url":"https://studio.example/hooks/1"')
    assert.deepEqual(provider.parseWebhook(), { is: 'news' })
  })
})
