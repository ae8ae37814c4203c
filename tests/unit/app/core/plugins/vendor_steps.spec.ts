import { inspect } from 'node:util'
import { test } from '@japa/runner'
import {
  classifyPlainly,
  retryAfterMs,
  VendorBroke,
  VendorRefusal,
  VendorSteps,
  type VendorStep,
} from '#core/plugins/vendor_steps'
import {
  VendorAnswerTooLarge,
  VendorAnswerUnreadable,
  VendorHostRefused,
  VendorHttp,
  VendorTimeout,
  VendorUnreachable,
  type VendorResponse,
} from '#core/plugins/vendor_http'

const refusal = (step: VendorStep, status: number, body: unknown = {}) =>
  new VendorRefusal({ vendor: 'Acme', step, status, body })

/** Answers as it is told, or throws. */
class Told extends VendorHttp {
  constructor(private readonly answer: VendorResponse | Error) {
    super()
  }

  async send() {
    if (this.answer instanceof Error) throw this.answer
    return this.answer
  }

  async download(): Promise<never> {
    throw new Error('Nothing to download.')
  }
}

const answer = (status: number, text: string): VendorResponse => ({
  status,
  headers: { 'retry-after': '3' },
  bytes: Buffer.from(text),
  text: () => text,
  json() {
    try {
      return JSON.parse(text)
    } catch {
      throw new VendorAnswerUnreadable('Acme')
    }
  },
})

const request = () => ({
  method: 'POST' as const,
  url: 'https://api.acme.com/v1',
  timeoutMs: 1000,
  signal: new AbortController().signal,
})

const thrownBy = (told: VendorResponse | Error, step: VendorStep = 'submit') =>
  new VendorSteps(new Told(told), 'Acme').json(step, request()).then(
    () => {
      throw new Error('It answered.')
    },
    (error: unknown) => error
  )

test.group('The steps of a call to a vendor', () => {
  const unreachable = (sent: boolean) =>
    new VendorUnreachable('Acme', { sent, reason: 'ECONNRESET' })

  test('{title} means {submit} to a submit, {poll} to a poll and {prepare} before')
    .with([
      {
        title: 'nothing that was sent',
        fault: unreachable(false),
        submit: 'transient_before_accept',
        poll: 'transient_on_poll',
        prepare: 'transient_before_accept',
      },
      ...[
        { title: 'a connection that broke', fault: unreachable(true) },
        { title: 'a time-out', fault: new VendorTimeout('Acme', 1000) },
        { title: 'too much', fault: new VendorAnswerTooLarge('Acme', 10) },
      ].map((broken) => ({
        ...broken,
        submit: 'outcome_unknown',
        poll: 'transient_on_poll',
        prepare: 'transient_before_accept',
      })),
      {
        title: 'a host that is none of its own',
        fault: new VendorHostRefused('Acme', 'no'),
        submit: 'internal',
        poll: 'provider_failed',
        prepare: 'internal',
      },
    ])
    .run(async ({ assert }, { fault, ...classes }) => {
      for (const step of ['submit', 'poll', 'prepare'] as const) {
        const thrown = await thrownBy(fault, step)
        assert.instanceOf(thrown, VendorBroke)
        assert.equal(classifyPlainly(thrown, 'Acme').class, classes[step])
      }
    })

  test('an answer that is no JSON leaves open what was done', async ({ assert }) => {
    const thrown = await thrownBy(answer(200, '<html>'))

    assert.equal(classifyPlainly(thrown, 'Acme').class, 'outcome_unknown')
  })

  test('status {status} means {submit} to a submit and {poll} to what is under way')
    .with([
      { status: 200, submit: 'outcome_unknown', poll: 'provider_failed' },
      { status: 400, submit: 'invalid_input', poll: 'provider_failed' },
      { status: 401, submit: 'provider_auth', poll: 'transient_on_poll' },
      { status: 402, submit: 'provider_balance', poll: 'provider_failed' },
      { status: 403, submit: 'provider_auth', poll: 'transient_on_poll' },
      { status: 404, submit: 'model_retired', poll: 'provider_failed' },
      { status: 408, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { status: 422, submit: 'invalid_input', poll: 'provider_failed' },
      { status: 429, submit: 'rate_limited', poll: 'transient_on_poll' },
      { status: 503, submit: 'transient_before_accept', poll: 'transient_on_poll' },
      { status: 504, submit: 'outcome_unknown', poll: 'transient_on_poll' },
    ])
    .run(({ assert }, { status, submit, poll }) => {
      assert.equal(classifyPlainly(refusal('submit', status), 'Acme').class, submit)
      assert.equal(classifyPlainly(refusal('poll', status), 'Acme').class, poll)
      assert.equal(classifyPlainly(refusal('cancel', status), 'Acme').class, poll)
    })

  test('a refusal keeps its words to itself, and says how long to wait', async ({ assert }) => {
    const thrown = await thrownBy(answer(429, '{"error":"your prompt about Rome"}'))
    assert.instanceOf(thrown, VendorRefusal)
    const said = classifyPlainly(thrown, 'Acme')

    assert.containSubset(said, {
      class: 'rate_limited',
      retryAfterMs: 3000,
      providerCode: 'http_429',
    })
    assert.deepEqual((thrown as VendorRefusal).body, { error: 'your prompt about Rome' })
    assert.notInclude(inspect(thrown) + JSON.stringify(thrown) + said.message, 'Rome')
  })

  test('a stop is one whatever its reason was', async ({ assert }) => {
    const signal = AbortSignal.abort('lease_lost')
    const work = new VendorSteps(new Told(answer(200, '{}')), 'Acme').json('submit', {
      ...request(),
      signal,
    })

    const thrown = await work.catch((error: unknown) => error)
    assert.equal(classifyPlainly(thrown, 'Acme').class, 'canceled')
  })

  test('a wait is read in milliseconds, in seconds and as a date of the vendor’s clock', ({
    assert,
  }) => {
    const date = 'Tue, 01 Jan 2030 00:00:00 GMT'

    assert.equal(retryAfterMs({ 'retry-after-ms': '1500', 'retry-after': '9' }), 1500)
    assert.equal(retryAfterMs({ 'retry-after': '0.5' }), 500)
    assert.equal(retryAfterMs({ date, 'retry-after': 'Tue, 01 Jan 2030 00:00:20 GMT' }), 20_000)
    assert.isUndefined(retryAfterMs({ 'retry-after': 'soon' }))
    assert.isUndefined(retryAfterMs({}))
  })
})
