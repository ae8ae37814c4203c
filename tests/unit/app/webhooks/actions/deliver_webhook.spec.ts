import db from '@adonisjs/lucid/services/db'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Webhook } from 'standardwebhooks'
import { newId } from '#core/ids'
import { Notices, type Notice } from '#core/notices/notices'
import { JobFailure } from '#core/queue/job_handler'
import settings from '#config/webhooks'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { disableEndpoint, enableEndpoint } from '#app/webhooks/actions/change_endpoint'
import { DeliverWebhook } from '#app/webhooks/actions/deliver_webhook'
import { rotateSecret } from '#app/webhooks/actions/rotate_secret'
import { deliveryQuery } from '#app/webhooks/queries/deliveries_query'
import { endpointQuery } from '#app/webhooks/queries/endpoint_query'
import { WebhookSender } from '#app/webhooks/sender'
import { newOrganisation } from '#tests/factories'
import { WebhookReceiver } from '#tests/fakes/webhook_receiver'

const SECOND = 1_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** An endpoint, and deliveries that no worker knows of: each test is their worker, and has its own clock. */
async function newBench(cleanup: (undo: () => void) => void) {
  const { organisation } = await newOrganisation()
  const accountId = organisation.id
  const receiver = await WebhookReceiver.open()
  settings.allowPrivate = true
  cleanup(() => {
    settings.allowPrivate = false
    receiver.close()
  })
  const create = await app.container.make(CreateEndpoint)
  const made = await create.handle({ accountId, url: receiver.url, actor: 'system:test' })
  if (!made.ok) throw new Error(made.problem.message)
  const deliver = await app.container.make(DeliverWebhook)
  const clock = { now: new Date('2030-03-01T00:00:00Z') }

  async function newDelivery(isTest = false): Promise<string> {
    const id = newId('whd')
    await db.table('webhook_deliveries').insert({
      account_id: accountId,
      id,
      endpoint_id: made.ok && made.id,
      event_id: newId('evt'),
      type: 'balance.low',
      facts: { object: 'balance', available: '1' },
      api_version: '2026-11-01',
      seq: 1,
      occurred_at: clock.now,
      state: 'pending',
      is_test: isTest,
      job_id: `job_of_${id}`,
    })
    return id
  }

  return {
    accountId,
    receiver,
    clock,
    endpointId: made.id,
    secret: made.secret,
    newDelivery,

    async endpoint() {
      const endpoint = await endpointQuery(accountId, made.id)
      return endpoint!
    },
    async delivery(id: string) {
      const delivery = await deliveryQuery(accountId, id)
      return delivery!
    },

    /** One try. Answers how long to wait for the next one, or `null`. */
    async attempt(id: string, signal = new AbortController().signal): Promise<number | null> {
      const job = { accountId, id: `job_of_${id}`, payload: { delivery: id } }
      try {
        await deliver.handle(job, signal, clock.now)
        return null
      } catch (error) {
        if (!(error instanceof JobFailure)) throw error
        return error.options.retryAfter!
      }
    },

    pass(ms: number) {
      clock.now = new Date(clock.now.getTime() + ms)
    },
  }
}

test.group('Delivering a webhook', () => {
  test('is tried 8 times over about 27 hours with the same body, then has failed', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(503, 'later')
    const id = await bench.newDelivery()

    const waits: number[] = []
    for (let wait; (wait = await bench.attempt(id)) !== null; waits.push(wait)) bench.pass(wait)

    const [seconds, minutes, hours] = [SECOND, 60 * SECOND, HOUR]
    assert.deepEqual(waits, [
      5 * seconds,
      5 * minutes,
      30 * minutes,
      2 * hours,
      5 * hours,
      10 * hours,
      10 * hours,
    ])
    assert.lengthOf(bench.receiver.received, 8)
    const [first, ...rest] = bench.receiver.received
    for (const again of rest) {
      assert.equal(again.text, first.text)
      assert.equal(again.headers['webhook-id'], first.headers['webhook-id'])
      assert.notEqual(again.headers['webhook-timestamp'], first.headers['webhook-timestamp'])
    }
    const delivery = await bench.delivery(id)
    assert.containSubset(delivery, { state: 'failed', attempts: 8, nextAt: null })
    assert.lengthOf(delivery.tries, 8)
    assert.containSubset(delivery.tries[0], { n: 8, status: 503, response: 'later' })
    assert.deepEqual(delivery.tries[7].createdAt, new Date('2030-03-01T00:00:00Z'))
  })

  test('ends with the first answer of 2xx, and a job that comes again sends nothing', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    bench.receiver.respond = (response, n) => response.writeHead(n === 1 ? 500 : 200).end('ok')
    const id = await bench.newDelivery()

    bench.pass((await bench.attempt(id))!)
    const second = await bench.attempt(id)
    const third = await bench.attempt(id)

    assert.deepEqual([second, third], [null, null])
    assert.lengthOf(bench.receiver.received, 2)
    assert.containSubset(await bench.delivery(id), { state: 'delivered', attempts: 2 })
  })

  test('waits for its time when its process died between the try and the queue', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(500)
    const id = await bench.newDelivery()
    await bench.attempt(id)
    bench.pass(2 * SECOND)

    const wait = await bench.attempt(id)

    assert.equal(wait, 3 * SECOND)
    assert.lengthOf(bench.receiver.received, 1)
  })

  test('follows no redirect', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(302, '', { location: 'http://127.0.0.1:1/inside' })
    const id = await bench.newDelivery()

    const wait = await bench.attempt(id)

    assert.equal(wait, 5 * SECOND)
    const { lastAttempt } = await bench.delivery(id)
    assert.equal(lastAttempt!.status, 302)
    assert.include(lastAttempt!.error!, 'Redirects are not followed')
  })

  test('reads little of what is answered, keeps less, and nothing a database does not keep', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    let closed = false
    bench.receiver.respond = (response) => {
      response.on('close', () => (closed = true))
      response.writeHead(200).write('a\0b')
      const flood = () => {
        while (!closed && response.write('x'.repeat(16_384)));
        if (!closed) response.once('drain', flood)
      }
      flood()
    }
    const id = await bench.newDelivery()

    await bench.attempt(id)

    const { state, lastAttempt } = await bench.delivery(id)
    assert.equal(state, 'delivered')
    assert.lengthOf(lastAttempt!.response!, settings.answer.kept)
    assert.isTrue(lastAttempt!.response!.startsWith('a\uFFFDbx'))
  })

  test('does not wait for ever', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    const { timeout } = settings
    settings.timeout = 50
    cleanup(() => {
      settings.timeout = timeout
    })
    bench.receiver.respond = () => {}
    const id = await bench.newDelivery()

    const wait = await bench.attempt(id)

    assert.equal(wait, 5 * SECOND)
    const { lastAttempt } = await bench.delivery(id)
    assert.isNull(lastAttempt!.status)
    assert.include(lastAttempt!.error!, 'No answer came')
  })

  test('that its process cuts off is no try', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    const stop = new AbortController()
    bench.receiver.respond = () => stop.abort('draining')
    const id = await bench.newDelivery()

    await assert.rejects(() => bench.attempt(id, stop.signal))

    assert.containSubset(await bench.delivery(id), { state: 'pending', attempts: 0 })
  })

  test('to nobody says so without an address', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    bench.receiver.close()
    const id = await bench.newDelivery()

    await bench.attempt(id)

    const { lastAttempt } = await bench.delivery(id)
    assert.equal(lastAttempt!.error, 'The URL could not be reached (ECONNREFUSED).')
  })
})

test.group('Delivering a webhook | to a private address', () => {
  test('is no connection, whatever the name said when it was given', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    settings.allowPrivate = false
    const id = await bench.newDelivery()
    await db
      .from('webhook_endpoints')
      .where('id', bench.endpointId)
      .update({ url: bench.receiver.url.replace('http:', 'https:') })

    const wait = await bench.attempt(id)

    assert.equal(wait, 5 * SECOND)
    assert.lengthOf(bench.receiver.received, 0)
    const { lastAttempt } = await bench.delivery(id)
    assert.equal(lastAttempt!.error, 'The URL leads to an address that is not public.')
  })

  test('is none by a name that leads there now, and the address is the one that was checked', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    let asked = 0
    const answers = ['127.0.0.1', '127.0.0.2']
    const urls = (allowed: string) =>
      new CallbackUrls({
        ports: { 'http:': null },
        resolve: async () => [{ address: answers[asked++ % 2], family: 4 }],
        allow: (address) => address === allowed,
      })
    const url = bench.receiver.url.replace('127.0.0.1', 'hooks.example')
    const message = { body: '{}', headers: {} }
    const { signal } = new AbortController()

    const taken = await new WebhookSender(urls('127.0.0.1')).post(url, message, signal)
    const refused = await new WebhookSender(urls('127.0.0.1')).post(url, message, signal)

    assert.equal(taken.status, 204)
    assert.equal(asked, 2)
    assert.isNull(refused.status)
    assert.equal(refused.error, 'The URL leads to an address that is not public.')
    assert.lengthOf(bench.receiver.received, 1)
  })
})

test.group('Delivering a webhook | secrets', () => {
  test('two sign while one takes over from the other, and only until then', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    const { accountId, endpointId, receiver } = bench
    bench.clock.now = new Date()
    const rotated = await rotateSecret({ accountId, endpointId, overlapMs: HOUR })
    const tell = async () => {
      await bench.attempt(await bench.newDelivery())
      const { text, headers } = receiver.received.at(-1)!
      const opens = (secret: string) => {
        try {
          // Its time is checked against the real one, which the test leaves behind.
          new Webhook(secret).verify(text, headers as Record<string, string>)
          return true
        } catch (error) {
          return /Message timestamp/.test((error as Error).message) ? 'too new' : false
        }
      }
      return { opens, signatures: String(headers['webhook-signature']).split(' ').length }
    }

    const during = await tell()
    bench.pass(HOUR + SECOND)
    const after = await tell()

    assert.equal(during.signatures, 2)
    assert.isTrue(during.opens(bench.secret))
    assert.isTrue(during.opens(rotated!.secret))
    assert.equal(after.signatures, 1)
    const strange = newSecretOf('somebody else')
    assert.isFalse(during.opens(strange))
  })

  test('are kept in a form that the database alone does not open', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)

    const row = await db.from('webhook_secrets').where('owner', bench.endpointId).firstOrFail()

    assert.notInclude(row.secret, bench.secret.slice('whsec_'.length))
  })
})

test.group('Delivering a webhook | endpoints that fail', () => {
  test('are disabled with one notice after 5 days without a success', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(500)
    const told: Notice[] = []
    const notices = await app.container.make(Notices)
    cleanup(notices.subscribe((notice) => void told.push(notice)))

    await bench.attempt(await bench.newDelivery())
    bench.pass(5 * DAY - SECOND)
    await bench.attempt(await bench.newDelivery())
    const early = await bench.endpoint()
    assert.isNull(early.disabled)
    bench.pass(SECOND)
    const [one, another] = [await bench.newDelivery(), await bench.newDelivery()]
    await Promise.all([bench.attempt(one), bench.attempt(another)])

    const { disabled, failingSince } = await bench.endpoint()
    assert.deepEqual(disabled, { because: 'failing', at: bench.clock.now })
    assert.deepEqual(failingSince, new Date('2030-03-01T00:00:00Z'))
    notices.look(bench.accountId)
    await notices.flush()
    const ours = told.filter(({ accountId }) => accountId === bench.accountId)
    assert.deepEqual(
      ours.map(({ facts }) => facts),
      [
        {
          type: 'webhook_disabled',
          endpointId: bench.endpointId,
          url: bench.receiver.url,
          because: 'failing',
          failingSince: new Date('2030-03-01T00:00:00Z'),
        },
      ]
    )
  })

  test('are not where one success lies between', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    bench.receiver.respond = (response, n) => response.writeHead(n === 2 ? 200 : 500).end()
    for (let days = 0; days < 3; days++) {
      await bench.attempt(await bench.newDelivery())
      bench.pass(3 * DAY)
    }

    const { disabled, failingSince } = await bench.endpoint()

    assert.isNull(disabled)
    assert.deepEqual(failingSince, new Date('2030-03-07T00:00:00Z'))
  })

  test('are disabled at once when they answer 410', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(410)
    const id = await bench.newDelivery()

    const wait = await bench.attempt(id)

    assert.isNull(wait)
    const { state } = await bench.delivery(id)
    assert.equal(state, 'failed')
    const { disabled } = await bench.endpoint()
    assert.equal(disabled!.because, 'gone')
  })

  test('are not by a test, which is tried once', async ({ assert, cleanup }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(500)
    const id = await bench.newDelivery(true)

    const wait = await bench.attempt(id)

    assert.isNull(wait)
    const { state } = await bench.delivery(id)
    assert.equal(state, 'failed')
    const { failingSince } = await bench.endpoint()
    assert.isNull(failingSince)
  })

  test('are told nothing while they are disabled, and begin anew when enabled', async ({
    assert,
    cleanup,
  }) => {
    const bench = await newBench(cleanup)
    bench.receiver.answers(500)
    const id = await bench.newDelivery()
    bench.pass((await bench.attempt(id))!)
    await disableEndpoint(bench.accountId, bench.endpointId)

    await bench.attempt(id)

    const { state } = await bench.delivery(id)
    assert.equal(state, 'skipped')
    assert.lengthOf(bench.receiver.received, 1)
    await enableEndpoint(bench.accountId, bench.endpointId)
    const { disabled, failingSince } = await bench.endpoint()
    assert.deepEqual([disabled, failingSince], [null, null])
  })
})

const newSecretOf = (text: string) =>
  `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`
