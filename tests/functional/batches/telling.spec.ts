import { test } from '@japa/runner'
import { SCOPES } from '#app/identity/caller'
import { grant } from '#tests/factories'
import { WebhookReceiver } from '#tests/fakes/webhook_receiver'
import { allowThisMachine } from '#tests/functional/webhooks/hooks'
import { hasEnded, items, newBatchStudio } from './batch_studio.js'

test.group('What is told of a batch', (group) => {
  group.setup(allowThisMachine)
  group.each.timeout(30_000)

  test('is its end with its report, to the URL that it brought', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newBatchStudio(client)
    const receiver = await WebhookReceiver.open()
    cleanup(() => receiver.close())

    const { id } = await studio.batch({ items: items(2), webhook_url: receiver.url })
    const done = await studio.batchUntil(id, hasEnded)
    const [{ body }] = await receiver.until(1)

    assert.equal(body.type, 'batch.completed')
    assert.containSubset(body.data, { id, status: 'completed', report: done.report })
  })

  test('is each of its changes to the endpoints that want them: paused, completed, canceled, expired', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newBatchStudio(client, { credits: '0.5', scopes: [...SCOPES] })
    const receiver = await WebhookReceiver.open()
    cleanup(() => receiver.close())
    const made = await studio
      .post('/v1/webhook_endpoints')
      .json({ url: receiver.url, events: ['batch.*'] })
    made.assertStatus(201)

    const first = await studio.batch({ items: items(2) })
    await studio.batchUntil(first.id, ({ status }) => status === 'paused')
    await grant(studio.id, '50')
    await studio.batchUntil(first.id, hasEnded)
    const slow = { items: items(2, { prompt: 'slow:60s' }) }
    const second = await studio.batch(slow)
    await studio.batchUntil(second.id, ({ items: { queued, running } }) => queued + running === 2)
    await studio.post(`/v1/batches/${second.id}/cancel`)
    await studio.batchUntil(second.id, hasEnded)
    // More than are started at once, so that some are left when its time is over.
    const many = { items: items(60, { prompt: 'slow:60s' }) }
    const deadline = new Date(Date.now() + 3_000).toISOString()
    const third = await studio.batch({ ...many, deadline })
    await studio.batchUntil(third.id, hasEnded)
    const told = await receiver.until(4)

    const words = told.map(({ body }) => [body.type, body.data.id, body.data.status, body.seq])
    assert.deepEqual(
      words.sort(([, , , a], [, , , b]) => a - b),
      [
        ['batch.paused', first.id, 'paused', 1],
        ['batch.completed', first.id, 'completed', 2],
        ['batch.canceled', second.id, 'canceled', 3],
        ['batch.expired', third.id, 'expired', 4],
      ]
    )
    const [paused, , canceled, expired] = told
      .toSorted((a, b) => a.body.seq - b.body.seq)
      .map(({ body }) => body.data)
    assert.equal(paused.waiting_for.code, 'insufficient_credits')
    assert.isNull(paused.report)
    assert.equal(canceled.items.canceled, 2)
    assert.isAtLeast(expired.report.skipped.deadline, 10)
  })
})
