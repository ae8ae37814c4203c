import { randomUUID } from 'node:crypto'
import transmit from '@adonisjs/transmit/services/main'
import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'
import { started } from './generated.js'
import { here, newSignedInOperator, type Visitor } from './visitor.js'

/** An open stream of somebody, as far as a test needs it. */
async function listen(visitor: Visitor, uid: string) {
  const closing = new AbortController()
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(new URL(`/__transmit/events?uid=${uid}`, here()), {
    headers: { cookie },
    signal: closing.signal,
    redirect: 'manual',
  })
  return { status: response.status, body: response.body, close: () => closing.abort() }
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

  test('need a name that is a UUID', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    for (const uid of ['', 'x', '../../etc', `${randomUUID()}x`]) {
      const stream = await listen(visitor, encodeURIComponent(uid))

      assert.equal(stream.status, 400, uid)
      stream.close()
    }
  })
})
