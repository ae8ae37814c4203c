import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { TellWebhooks } from '#app/webhooks/actions/tell_webhooks'
import { presentDelivery } from '#app/webhooks/presenters'
import { endpointMissing } from '#app/webhooks/problems'
import { deliveryQuery } from '#app/webhooks/queries/deliveries_query'

@inject()
export default class TestEventsController {
  constructor(private readonly tell: TellWebhooks) {}

  async store({ params, response, caller }: HttpContext) {
    const id = await this.tell.test(caller.orgId, params.id)
    if (!id) throw endpointMissing(params.id)
    response.header('Location', `/v1/webhook_deliveries/${id}`)
    return response.accepted(presentDelivery((await deliveryQuery(caller.orgId, id))!))
  }
}
