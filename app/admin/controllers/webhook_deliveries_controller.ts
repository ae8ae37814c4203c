import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { BADGES } from '#app/admin/queries/webhook_page_query'
import { readReplaySpan } from '#app/admin/validators/webhook_request'
import { ReplayDeliveries } from '#app/webhooks/actions/replay_deliveries'
import { deliveryQuery } from '#app/webhooks/queries/deliveries_query'
import { anyEndpointQuery } from '#app/webhooks/queries/endpoint_query'

const DISABLED = 'The endpoint is disabled, so it is told nothing. Enable it first.'

@inject()
export default class WebhookDeliveriesController {
  constructor(private readonly replay: ReplayDeliveries) {}

  async show({ params, view }: HttpContext) {
    const { endpoint, delivery } = await storyOf(params)
    const body = delivery.body && JSON.stringify(JSON.parse(delivery.body), null, 2)
    return view.render('pages/admin/webhook_delivery', {
      endpoint,
      delivery: { ...delivery, badge: BADGES[delivery.state], body },
    })
  }

  /** Sends one again. */
  async update({ params, response, session }: HttpContext) {
    const { endpoint, delivery } = await storyOf(params)
    const outcome = await this.replay.one(endpoint.accountId, delivery.id)
    session.flash('notice', outcome === 'disabled' ? DISABLED : 'It is sent again now.')
    return response.redirect(`/admin/webhooks/${endpoint.id}/deliveries/${delivery.id}`)
  }

  /** Sends again what was missed in a span of time. */
  async store({ params, request, response, session }: HttpContext) {
    const endpoint = await anyEndpointQuery(params.id)
    if (!endpoint) throw new NotFound('webhook endpoint of this id')
    const span = readReplaySpan(request.body())
    const { accountId, id: endpointId } = endpoint
    const result =
      span &&
      (await this.replay.range({ accountId, endpointId, ...span, states: ['failed', 'skipped'] }))
    session.flash('notice', wordsOf(result))
    return response.redirect(`/admin/webhooks/${endpointId}`)
  }
}

function wordsOf(result: Awaited<ReturnType<ReplayDeliveries['range']>> | null): string {
  if (!result) return 'Choose from when, and an end that is later. Nothing was sent.'
  if (result.outcome !== 'replayed') return DISABLED
  if (result.count === 0) return 'Nothing was missed in that time.'
  const more = result.isMore ? ' There is more: replay the same time again.' : ''
  return `${result.count} missed ${result.count === 1 ? 'event is' : 'events are'} sent again.${more}`
}

async function storyOf(params: Record<string, string>) {
  const endpoint = await anyEndpointQuery(params.id)
  const delivery = endpoint && (await deliveryQuery(endpoint.accountId, params.delivery))
  if (delivery?.endpointId !== params.id) throw new NotFound('webhook delivery of this id')
  return { endpoint: endpoint!, delivery: delivery! }
}
