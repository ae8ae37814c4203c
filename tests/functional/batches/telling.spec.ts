import { test } from '@japa/runner'
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
})
