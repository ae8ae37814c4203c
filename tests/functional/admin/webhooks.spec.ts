import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { deleteEndpoint } from '#app/webhooks/actions/change_endpoint'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { deliveriesQuery } from '#app/webhooks/queries/deliveries_query'
import { newOrganisation } from '#tests/factories'
import { WebhookReceiver } from '#tests/fakes/webhook_receiver'
import { allowThisMachine } from '#tests/functional/webhooks/hooks'
import { newSignedInOperator } from './visitor.js'

test.group('Webhooks in the console', (group) => {
  group.setup(allowThisMachine)

  async function newDesk(cleanup: (close: () => void) => void) {
    const { organisation } = await newOrganisation()
    const receiver = await WebhookReceiver.open()
    cleanup(() => receiver.close())
    const { visitor } = await newSignedInOperator()
    return {
      organisation,
      receiver,
      visitor,
      async endpoint() {
        const create = await app.container.make(CreateEndpoint)
        const made = await create.handle({
          accountId: organisation.id,
          url: receiver.url,
          actor: 'system:test',
        })
        if (!made.ok) throw new Error(made.problem.message)
        return made.id
      },
      /** The one delivery, once `holds`. */
      async delivery(state: string) {
        for (;;) {
          const page = await deliveriesQuery({ accountId: organisation.id }, { limit: 1 })
          if (page.deliveries[0]?.state === state) return page.deliveries[0]
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      },
    }
  }

  test('are made with a secret that is shown once, and listed', async ({ assert, cleanup }) => {
    const { visitor, organisation, receiver } = await newDesk(cleanup)

    const made = await visitor.post('/admin/webhooks', {
      'organisation': organisation.id,
      'url': receiver.url,
      'events[]': 'generation.*',
      'description': 'the shop',
    })
    const first = await visitor.get(made.location!)
    const second = await visitor.get(made.location!)
    const list = await visitor.get(`/admin/webhooks?organisation=${organisation.id}`)

    const [secret] = /whsec_[A-Za-z0-9+/=]+/.exec(first.text)!
    assert.notInclude(second.html, secret)
    assert.include(second.text, 'Nothing was told yet')
    assert.include(list.text, 'the shop')
    assert.include(list.text, 'generation.*')
  })

  test('that are not right are shown again with what is wrong', async ({ assert, cleanup }) => {
    const { visitor, organisation, endpoint } = await newDesk(cleanup)
    const id = await endpoint()
    await visitor.get(`/admin/webhooks/${id}`)

    const nobody = await visitor.post('/admin/webhooks', { organisation: 'x', url: 'https://a' })
    const wrong = await visitor.post('/admin/webhooks', {
      organisation: organisation.id,
      url: 'ftp://hooks.example',
    })
    const changed = await visitor.post(`/admin/webhooks/${id}`, { 'url': '', 'events[]': 'moon' })
    const lost = await visitor.get('/admin/webhooks/whe_nobody')

    assert.deepEqual(
      [nobody.status, wrong.status, changed.status, lost.status],
      [422, 422, 422, 404]
    )
    assert.include(nobody.text, 'Choose an organisation.')
    assert.include(wrong.text, 'The URL must begin with')
    assert.include(wrong.html, 'ftp://hooks.example')
    assert.include(changed.text, '"moon" is no type of event')
  })

  test('are tried, and what came of it is told whole', async ({ assert, cleanup }) => {
    const desk = await newDesk(cleanup)
    const id = await desk.endpoint()
    desk.receiver.answers(500, '<b>broken</b>')
    await desk.visitor.get(`/admin/webhooks/${id}`)

    await desk.visitor.post(`/admin/webhooks/${id}/test`)
    const delivery = await desk.delivery('failed')
    const path = `/admin/webhooks/${id}/deliveries/${delivery.id}`
    const page = await desk.visitor.get(`/admin/webhooks/${id}`)
    const story = await desk.visitor.get(path)

    assert.include(page.text, 'webhook_endpoint.test')
    assert.include(page.text, 'Answered 500. It must answer 2xx.')
    assert.include(story.html, '&lt;b&gt;broken&lt;/b&gt;')
    assert.include(story.text, '"api_version"')
    desk.receiver.answers(204)
    const replayed = await desk.visitor.post(path)
    assert.equal(replayed.location, path)
    await desk.delivery('delivered')
    assert.lengthOf(desk.receiver.received, 2)
  })

  test('are disabled, enabled, rotated, changed, replayed and deleted', async ({
    assert,
    cleanup,
  }) => {
    const { visitor, endpoint, receiver } = await newDesk(cleanup)
    const id = await endpoint()
    const path = `/admin/webhooks/${id}`
    await visitor.get(path)
    const press = async (button: string, fields: Record<string, string> = {}) => {
      await visitor.post(`${path}${button}`, fields)
      return visitor.get(path)
    }

    const disabled = await press('/disable')
    const refused = await press('/replays', { from: '2020-01-01T00:00' })
    const enabled = await press('/enable')
    const rotated = await press('/secret')
    const changed = await press('', { url: receiver.url, description: 'other' })
    const nothing = await press('/replays', { from: '2020-01-01T00:00', to: '2021-01-01T00:00' })
    const undated = await press('/replays', { from: 'yesterday' })
    const deleted = await visitor.post(`${path}/removal`)
    const gone = await visitor.get(path)

    assert.include(disabled.text, 'It is told nothing.')
    assert.include(refused.text, 'Enable it first')
    assert.notInclude(enabled.text, 'It is told nothing.')
    assert.match(rotated.text, /whsec_/)
    assert.include(rotated.text, 'signs as well until')
    assert.include(changed.html, 'value="other"')
    assert.include(nothing.text, 'Nothing was missed in that time.')
    assert.include(undated.text, 'Choose from when')
    assert.equal(deleted.location, '/admin/webhooks')
    assert.equal(gone.status, 404)
  })

  test('of one organisation have no deliveries of another', async ({ assert, cleanup }) => {
    const desk = await newDesk(cleanup)
    const [id, other] = [await desk.endpoint(), await desk.endpoint()]
    await desk.visitor.get(`/admin/webhooks/${id}`)
    await desk.visitor.post(`/admin/webhooks/${id}/test`)
    const delivery = await desk.delivery('delivered')

    const wrong = await desk.visitor.get(`/admin/webhooks/${other}/deliveries/${delivery.id}`)
    await deleteEndpoint(desk.organisation.id, id)
    const deleted = await desk.visitor.get(`/admin/webhooks/${id}/deliveries/${delivery.id}`)

    assert.equal(wrong.status, 404)
    assert.equal(deleted.status, 404)
  })
})
