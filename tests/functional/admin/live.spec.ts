import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import transmit from '@adonisjs/transmit/services/main'
import { test } from '@japa/runner'
import { Streams } from '#core/streams/streams'
import { openStreams } from '#app/identity/open_streams'
import { newOrganisation } from '#tests/factories'
import { started } from './generated.js'
import { here, newSignedInOperator, type Visitor } from './visitor.js'

/** An open stream of somebody, as far as a test needs it. */
async function listen(visitor: Visitor, uid: string) {
  const closing = new AbortController()
  const response = await fetch(new URL(`/__transmit/events?uid=${uid}`, here()), {
    headers: { cookie: cookieOf(visitor) },
    signal: closing.signal,
    redirect: 'manual',
  })
  return { status: response.status, body: response.body, close: () => closing.abort() }
}

const cookieOf = ({ cookies }: Visitor) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

/** Settles once the server has closed it. */
async function ended(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  const isOver = () =>
    reader.read().then(
      ({ done }) => done,
      () => true
    )
  while (!(await isOver())) continue
}

async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function firstMessage(body: ReadableStream<Uint8Array>, about: string) {
  let text = ''
  for await (const chunk of body) {
    text += new TextDecoder().decode(chunk)
    const line = text.split('\n').find((one) => one.startsWith('data:') && one.includes(about))
    if (line) return JSON.parse(line.slice('data:'.length))
  }
}

test.group('Live pages', () => {
  test('hear what happens to one job', async ({ assert, cleanup }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    const uid = randomUUID()
    const stream = await listen(visitor, uid)
    cleanup(stream.close)
    const id = await started(organisation.id, 'slow:2s')
    const channel = `orgs/${organisation.id}/jobs/${id.replace('gen_', 'job_')}`

    const subscribed = await visitor.post('/__transmit/subscribe', { uid, channel })

    assert.equal(subscribed.status, 204)
    const { payload } = await firstMessage(stream.body!, 'succeeded')
    assert.equal(payload.type, 'succeeded')
    assert.equal(JSON.parse(payload.data).delivered, 1)
  })

  test('can subscribe to nothing but jobs: not to {title}')
    .with([
      { title: 'everything', channel: '*' },
      { title: 'a whole organisation', channel: 'orgs/org_1' },
      { title: 'a deeper address', channel: 'orgs/org_1/jobs/job_1/x' },
      { title: 'another kind', channel: 'users/usr_1' },
      { title: 'the pings', channel: '$$transmit/ping' },
      { title: 'a name with a slash in front', channel: '/orgs/org_1/jobs/job_1' },
      { title: 'nothing', channel: '' },
    ])
    .run(async ({ assert, cleanup }, { channel }) => {
      const { visitor } = await newSignedInOperator()
      const uid = randomUUID()
      const stream = await listen(visitor, uid)
      cleanup(stream.close)

      const answer = await visitor.post('/__transmit/subscribe', { uid, channel })

      assert.equal(answer.status, 400)
      assert.deepEqual(transmit.getSubscribersFor(channel), [])
    })

  test('are closed to channels that nobody spoke about, whoever asks', async ({ assert }) => {
    const anybody = { uid: randomUUID(), channel: 'gallery/new', context: {} as never }

    assert.isFalse(await transmit.subscribe(anybody))
  })

  test('end when their person signs out, and no other’s do', async ({ assert, cleanup }) => {
    const { visitor } = await newSignedInOperator()
    const { visitor: colleague } = await newSignedInOperator()
    const stream = await listen(visitor, randomUUID())
    const others = await listen(colleague, randomUUID())
    cleanup(others.close)

    await visitor.post('/logout')

    await ended(stream.body!)
    const again = await listen(visitor, randomUUID())
    assert.equal(again.status, 302)
    assert.equal(openStreams.size, 1)
  })

  test('end soon for whom they are closed without a word', async ({ cleanup }) => {
    const { visitor, user } = await newSignedInOperator()
    const { visitor: colleague } = await newSignedInOperator()
    const stream = await listen(visitor, randomUUID())
    const others = await listen(colleague, randomUUID())
    cleanup(others.close)
    await user.merge({ isOperator: false }).save()

    await openStreams.look()

    await ended(stream.body!)
  })

  test('of another session are out of reach: no {title}')
    .with([
      { title: 'stream takes their name' },
      { title: 'channel is added to them' },
      { title: 'channel is taken from them' },
    ])
    .run(async ({ assert, cleanup }, { title }) => {
      const { organisation } = await newOrganisation()
      const { visitor } = await newSignedInOperator()
      const { visitor: colleague } = await newSignedInOperator()
      const uid = randomUUID()
      const stream = await listen(visitor, uid)
      cleanup(stream.close)
      const id = await started(organisation.id, 'slow:60s')
      const channel = `orgs/${organisation.id}/jobs/${id.replace('gen_', 'job_')}`
      await visitor.post('/__transmit/subscribe', { uid, channel })
      const ways: Record<string, () => Promise<{ status: number }>> = {
        'stream takes their name': () => listen(colleague, uid),
        'channel is added to them': () =>
          colleague.post('/__transmit/subscribe', { uid, channel: `${channel}0` }),
        'channel is taken from them': () =>
          colleague.post('/__transmit/unsubscribe', { uid, channel }),
      }

      const answer = await ways[title]()

      assert.equal(answer.status, 403)
      assert.deepEqual(transmit.getSubscribersFor(channel), [uid])
      assert.deepEqual(transmit.getSubscribersFor(`${channel}0`), [])
    })

  test('a page that closed its stream may still unsubscribe, and not subscribe', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    const gone = { uid: randomUUID(), channel: `orgs/${organisation.id}/jobs/job_0` }

    const left = await visitor.post('/__transmit/unsubscribe', gone)
    const came = await visitor.post('/__transmit/subscribe', gone)

    assert.deepEqual([left.status, came.status], [204, 400])
  })

  test('keep their name when the browser comes back', async ({ assert, cleanup }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    const uid = randomUUID()
    const first = await listen(visitor, uid)
    const second = await listen(visitor, uid)
    cleanup(second.close)
    await ended(first.body!)
    const id = await started(organisation.id, 'slow:1s')
    const channel = `orgs/${organisation.id}/jobs/${id.replace('gen_', 'job_')}`

    const subscribed = await visitor.post('/__transmit/subscribe', { uid, channel })

    assert.equal(subscribed.status, 204)
    const { payload } = await firstMessage(second.body!, 'succeeded')
    assert.equal(payload.type, 'succeeded')
  })

  test('of a browser that does not read are cut', async ({ cleanup }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    const uid = randomUUID()
    await until(() => openStreams.size === 0)
    const { hostname, port } = new URL(here())
    const socket = connect(Number(port), hostname).pause()
    cleanup(() => void socket.destroy())
    socket.on('error', () => {})
    const head = `GET /__transmit/events?uid=${uid} HTTP/1.1\r\nHost: x\r\nCookie: ${cookieOf(visitor)}`
    socket.write(`${head}\r\n\r\n`)
    await until(() => openStreams.size === 1)
    const id = await started(organisation.id, 'slow:60s')
    const job = id.replace('gen_', 'job_')
    const channel = `orgs/${organisation.id}/jobs/${job}`
    await visitor.post('/__transmit/subscribe', { uid, channel })

    await db.rawQuery(
      `with job as (update jobs set event_seq = event_seq + 4000 where account_id = ? and id = ?
         returning account_id, id, event_seq)
       insert into job_events (account_id, job_id, seq, type, data)
       select account_id, id, event_seq - n, 'progress', jsonb_build_object('note', repeat('x', 4000))
       from job, generate_series(0, 3999) n`,
      [organisation.id, job]
    )
    const streams = await app.container.make(Streams)
    streams.announce(organisation.id, job)

    await until(() => openStreams.size === 0)
  })

  test('need a name that is a UUID', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()
    const nameless = await fetch(new URL('/__transmit/events', here()), {
      headers: { cookie: cookieOf(visitor) },
    })
    assert.equal(nameless.status, 400)

    for (const uid of ['', 'x', '../../etc', `${randomUUID()}x`]) {
      const stream = await listen(visitor, encodeURIComponent(uid))

      assert.equal(stream.status, 400, uid)
      stream.close()
    }
  })
})
