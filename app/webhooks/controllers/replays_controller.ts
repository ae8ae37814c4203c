import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ReplayDeliveries } from '#app/webhooks/actions/replay_deliveries'
import { presentDelivery } from '#app/webhooks/presenters'
import { deliveryMissing, endpointDisabled, endpointMissing } from '#app/webhooks/problems'
import { deliveryQuery } from '#app/webhooks/queries/deliveries_query'
import { readReplay } from '#app/webhooks/validators/delivery_requests'

@inject()
export default class ReplaysController {
  constructor(private readonly replay: ReplayDeliveries) {}

  /** One delivery. */
  async store({ params, response, caller }: HttpContext) {
    const outcome = await this.replay.one(caller.orgId, params.id)
    if (outcome === 'missing') throw deliveryMissing(params.id)
    if (outcome === 'disabled') throw endpointDisabled()
    return response.accepted(presentDelivery((await deliveryQuery(caller.orgId, params.id))!))
  }

  /** What an endpoint missed in a span of time. */
  async storeMany({ params, request, response, caller }: HttpContext) {
    const result = await this.replay.range({
      ...readReplay(request),
      accountId: caller.orgId,
      endpointId: params.id,
    })
    if (result.outcome === 'missing') throw endpointMissing(params.id)
    if (result.outcome === 'disabled') throw endpointDisabled()
    return response.accepted({
      object: 'webhook_replay',
      replayed: result.count,
      last_seq: result.lastSeq,
      has_more: result.isMore,
    })
  }
}
