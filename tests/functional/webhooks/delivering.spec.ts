import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Webhook } from 'standardwebhooks'
import { Notices } from '#core/notices/notices'
import { drawing, PICTURE, type Body } from '#tests/functional/generations/studio'
import { allowThisMachine, newHooks } from './hooks.js'

const HOUR = 3_600_000

/** Keeps the rows of an organisation's endpoints for itself until it is let go. */
async function lockEndpoints(accountId: string) {
  const trx = await db.transaction()
  await trx.from('webhook_endpoints').where('account_id', accountId).forUpdate()
  return () => trx.commit()
}

test.group('A webhook', (group) => {
  group.setup(allowThisMachine)

  test('tells how a generation ended, signed so that anyone with the secret can tell', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const { secret, id } = await hooks.endpoint()

    const made = await hooks.generated(drawing())
    const [{ text, headers, body }] = await hooks.receiver.until(1)

    new Webhook(secret).verify(text, headers as Record<string, string>)
    assert.equal(headers['webhook-id'], body.id)
    assert.equal(headers['content-type'], 'application/json')
    assert.containSubset(body, {
      type: 'generation.succeeded',
      api_version: '2026-11-01',
      seq: 1,
      created_at: made.finished_at,
      data: { id: made.id, object: 'generation', status: 'succeeded', cost: { charged: PICTURE } },
    })
    const delivery = await hooks.delivery(({ status }) => status === 'delivered')
    assert.containSubset(delivery, {
      endpoint: id,
      generation: made.id,
      event: { id: body.id, type: 'generation.succeeded', seq: 1 },
      attempts: 1,
      last_attempt: { status: 204, error: null },
      next_attempt_at: null,
    })
    assert.deepEqual(delivery.body, body)
  })

  test('keeps no credits waiting whose endpoint is locked, and is numbered when it is free', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    const first = await hooks.generated(drawing())
    await hooks.receiver.until(1)
    const letGo = await lockEndpoints(hooks.id)

    const [second, third] = await Promise.all([
      hooks.generated(drawing({ seed: 2 })),
      hooks.generated(drawing({ seed: 3 })),
    ])
    const before = hooks.receiver.received.length
    await letGo()
    const heard = await hooks.receiver.until(3)
    const fourth = await hooks.generated(drawing({ seed: 4 }))
    await hooks.receiver.until(4)

    assert.equal(before, 1)
    assert.deepEqual(
      [second, third].map(({ cost }) => cost.charged),
      [PICTURE, PICTURE]
    )
    assert.sameMembers(
      heard.slice(0, 3).map(({ body }) => body.data.id),
      [first.id, second.id, third.id]
    )
    assert.deepEqual(heard.map(({ body }) => body.seq).sort(), [1, 2, 3, 4])
    assert.equal(heard[3].body.data.id, fourth.id)
    assert.equal(heard[3].body.seq, 4)
  })

  test('holds no prompt and no token, and files that can be had for three days', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()

    await hooks.generated(drawing())
    const [{ text, body }] = await hooks.receiver.until(1)

    assert.notInclude(text, 'lighthouse')
    assert.deepEqual(Object.keys(body.data.links).sort(), ['receipt', 'self'])
    const [{ url, url_expires_at: until }] = body.data.outputs
    assert.isAtLeast(Date.parse(until) - Date.parse(body.created_at), 72 * HOUR)
    const file = await fetch(url)
    assert.equal(file.headers.get('content-type'), 'image/jpeg')
  })

  test('comes of what its endpoint wants, in numbers without gaps', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const all = await hooks.endpoint()
    await hooks.endpoint({ events: ['generation.failed', 'generation.canceled'] })
    const some = await hooks.endpoint({ events: ['generation.*'] })
    await hooks.endpoint({ events: ['balance.low'] })

    await hooks.generated(drawing())
    await hooks.generated(drawing({ prompt: 'fail:moderation' }))
    const received = await hooks.receiver.until(5)

    const types = received.map(({ body }) => body.type).sort()
    assert.deepEqual(types, [
      'generation.failed',
      'generation.failed',
      'generation.failed',
      'generation.succeeded',
      'generation.succeeded',
    ])
    for (const { id } of [all, some]) {
      const told = await hooks.deliveries(`?endpoint=${id}`)
      assert.deepEqual(
        told.map(({ event }) => event.seq),
        [2, 1]
      )
    }
    // The same thing happened, whoever is told.
    assert.lengthOf([...new Set(received.map(({ body }) => body.id))], 2)
  })

  test('comes of a cancel', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    const { id } = await hooks.accepted(drawing({ prompt: 'a lake slow:60s' }))

    await hooks.post(`/v1/generations/${id}/cancel`)
    const [{ body }] = await hooks.receiver.until(1)

    assert.containSubset(body, {
      type: 'generation.canceled',
      data: { id, cost: { charged: '0' }, outputs: [] },
    })
  })

  test('goes to the URL that a generation brought, signed by the organisation’s own secret', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const rotated = await hooks.post('/v1/webhook_secret/rotate')
    const { secret } = rotated.body()

    const { id } = await hooks.generated({ ...drawing(), webhook_url: hooks.receiver.url })
    const [{ text, headers, body }] = await hooks.receiver.until(1)

    new Webhook(secret).verify(text, headers as Record<string, string>)
    assert.containSubset(body, { type: 'generation.succeeded', seq: 1, data: { id } })
    const delivery = await hooks.delivery(({ status }) => status === 'delivered')
    assert.containSubset(delivery, { endpoint: null, generation: id, url: hooks.receiver.url })
  })

  test('is signed even where the organisation has not asked for its secret yet', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)

    await hooks.generated({ ...drawing(), webhook_url: hooks.receiver.url })
    const [{ headers }] = await hooks.receiver.until(1)

    assert.match(String(headers['webhook-signature']), /^v1,[A-Za-z0-9+/]{43}=$/)
    const [{ total }] = await db
      .from('webhook_secrets')
      .where('account_id', hooks.id)
      .count('* as total')
    assert.equal(Number(total), 1)
  })

  test('of a notice comes once, however often it is noticed, and only of what is the account’s', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const { id } = await hooks.endpoint({ events: ['balance.low'] })
    const notices = await app.container.make(Notices)
    const credits = 98
    await db.from('organisations').where('id', hooks.id).update({ low_balance_micro: 99_900_000 })
    await hooks.post('/v1/holds').json({ amount: String(100 - credits) })
    notices.look(hooks.id)
    await notices.flush()
    const [{ body }] = await hooks.receiver.until(1)

    // A process that died before it said that it had told.
    await db
      .from('notices')
      .where('account_id', hooks.id)
      .update({
        told_at: null,
        created_at: new Date(Date.now() - HOUR),
      })
    const { TellWebhooks } = await import('#app/webhooks/actions/tell_webhooks')
    const tell = await app.container.make(TellWebhooks)
    const [notice] = await notices.list({ accountId: hooks.id, limit: 1 })
    await tell.notice(notice)
    await tell.notice({ ...notice, id: 'ntc_x', facts: { ...lossFacts } })

    assert.containSubset(body, {
      type: 'balance.low',
      seq: 1,
      data: { object: 'balance', available: '98', below: '99.9' },
    })
    assert.lengthOf(await hooks.deliveries(), 1)
    const shown = await hooks.get(`/v1/webhook_endpoints/${id}`)
    assert.equal(shown.body().last_seq, 1)
  })

  test('is tried again by itself, and its story is told', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    hooks.receiver.respond = (response, n) => response.writeHead(n === 1 ? 500 : 200).end(`no ${n}`)
    await hooks.generated(drawing())
    const waiting = await hooks.delivery(({ attempts }) => attempts === 1)

    await hooks.tick()
    const done = await hooks.delivery(({ status }) => status === 'delivered')

    assert.containSubset(waiting, {
      status: 'pending',
      last_attempt: { attempt: 1, status: 500, response: 'no 1' },
    })
    assert.isAbove(Date.parse(waiting.next_attempt_at), Date.parse(waiting.created_at))
    assert.containSubset(done, { attempts: 2, next_attempt_at: null })
    assert.deepEqual(
      done.tries.map(({ attempt, status, response }: Body) => [attempt, status, response]),
      [
        [2, 200, 'no 2'],
        [1, 500, 'no 1'],
      ]
    )
  })

  test('is forgotten with the generation that its owner deletes', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    const metadata = { customer: 'a name' }
    const { id } = await hooks.generated({ ...drawing(), metadata })
    const before = await hooks.delivery(({ status }) => status === 'delivered')

    await hooks.delete(`/v1/generations/${id}`)
    const after = await hooks.delivery()

    assert.deepEqual(before.body.data.metadata, metadata)
    assert.isNull(after.body)
    assert.equal(after.generation, id)
  })
})

test.group('A webhook | that is replayed', (group) => {
  group.setup(allowThisMachine)

  test('comes again with its id, its number and fresh URLs', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    await hooks.generated(drawing())
    const { id } = await hooks.delivery(({ status }) => status === 'delivered')

    const replayed = await hooks.post(`/v1/webhook_deliveries/${id}/replay`)
    const [first, second] = await hooks.receiver.until(2)

    replayed.assertStatus(202)
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id'])
    assert.equal(second.body.seq, first.body.seq)
    const done = await hooks.delivery(({ attempts }) => attempts === 2)
    assert.equal(done.status, 'delivered')
    assert.isNotNull(done.replayed_at)
    assert.lengthOf(await hooks.deliveries(), 1)
  })

  test('while it waits comes now, and once', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    await hooks.endpoint()
    hooks.receiver.respond = (response, n) => response.writeHead(n === 1 ? 500 : 200).end()
    await hooks.generated(drawing())
    const { id } = await hooks.delivery(({ attempts }) => attempts === 1)

    await hooks.post(`/v1/webhook_deliveries/${id}/replay`)
    await hooks.delivery(({ status }) => status === 'delivered')
    await hooks.tick()
    await hooks.until(id, () => true)
    const [{ open }] = await db
      .from('jobs')
      .where({ account_id: hooks.id, kind: 'webhook' })
      .whereIn('state', ['queued', 'running'])
      .count('* as open')

    assert.isAtMost(Number(open), 1)
    assert.lengthOf(hooks.receiver.received, 2)
  })

  test('with others of a span is what was missed, in order, and never by a disabled endpoint', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const { id } = await hooks.endpoint()
    await hooks.post(`/v1/webhook_endpoints/${id}/disable`)
    const from = new Date(Date.now() - HOUR).toISOString()
    const made = [await hooks.generated(drawing()), await hooks.generated(drawing())]
    const replay = (body: Body) => hooks.post(`/v1/webhook_endpoints/${id}/replay`).json(body)

    const tooSoon = await replay({ from })
    await hooks.post(`/v1/webhook_endpoints/${id}/enable`)
    const before = await replay({ from: '2020-01-01T00:00:00Z', to: from })
    const missed = await replay({ from })
    const received = await hooks.receiver.until(2)

    tooSoon.assertStatus(409)
    assert.equal(tooSoon.body().error.code, 'webhook_endpoint_disabled')
    assert.containSubset(before.body(), { replayed: 0, last_seq: null, has_more: false })
    missed.assertStatus(202)
    assert.containSubset(missed.body(), { replayed: 2, last_seq: 2, has_more: false })
    assert.sameMembers(
      received.map(({ body }) => body.data.id),
      made.map(({ id: one }) => one)
    )
    await hooks.delivery(({ status }) => status === 'delivered')
    const nothing = await replay({ from, status: ['failed', 'skipped'] })
    assert.equal(nothing.body().replayed, 0)
    const behind = await replay({ from, status: ['delivered'], after_seq: 1 })
    assert.containSubset(behind.body(), { replayed: 1, last_seq: 2 })
  })
})

const lossFacts = {
  type: 'loss',
  jobId: 'job_x',
  kind: 'overrun',
  credits: { micro: 1n },
  vendorCostMicroUsd: 1n,
} as any
