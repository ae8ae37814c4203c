import { test } from '@japa/runner'
import { WebhookReceiver } from '#tests/fakes/webhook_receiver'
import { drawing, type Body } from '#tests/functional/generations/studio'
import { Installation } from '#tests/functional/onboarding/installation'

test.group('When a process dies while it tells', (group) => {
  group.each.timeout(180_000)

  test('another tells it, as the same event, and it is one delivery', async ({
    assert,
    cleanup,
  }) => {
    const installation = await Installation.make()
    cleanup(() => installation.remove())
    const receiver = await WebhookReceiver.open()
    cleanup(() => receiver.close())
    const first = await installation.start({ WEBHOOKS_ALLOW_PRIVATE: 'true' })
    const key = /(dg_live_\w{40})/.exec(first.said())![1]
    // The first is heard, and not answered.
    receiver.respond = (response, n) => {
      if (n > 1) response.writeHead(200).end()
    }
    const started = await fetch(`${first.url}/v1/generations`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...drawing(), webhook_url: receiver.url }),
    })
    const { id } = (await started.json()) as Body
    await receiver.until(1)

    await first.kill()
    await installation.start({ WEBHOOKS_ALLOW_PRIVATE: 'true' })
    await installation.rows(
      `update jobs set lease_until = clock_timestamp() - interval '1 second' where state = 'running'`
    )
    const [before, after] = await receiver.until(2)

    assert.equal(started.status, 202)
    assert.equal(after.headers['webhook-id'], before.headers['webhook-id'])
    assert.equal(after.text, before.text)
    assert.equal(after.body.data.id, id)
    for (;;) {
      const rows = await installation.rows('select state, attempts from webhook_deliveries')
      assert.lengthOf(rows, 1)
      if (rows[0].state === 'delivered') break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
})
