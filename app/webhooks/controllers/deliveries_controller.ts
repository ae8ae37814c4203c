import type { HttpContext } from '@adonisjs/core/http'
import { presentDelivery, presentDeliveryStory } from '#app/webhooks/presenters'
import { deliveryMissing } from '#app/webhooks/problems'
import { deliveriesQuery, deliveryQuery } from '#app/webhooks/queries/deliveries_query'
import { readListDeliveries } from '#app/webhooks/validators/delivery_requests'

export default class DeliveriesController {
  async index({ request, response, caller }: HttpContext) {
    const { filters, limit, after, cursorOf } = readListDeliveries(request.qs())
    const page = await deliveriesQuery({ ...filters, accountId: caller.orgId }, { limit, after })
    return response.ok({
      object: 'list',
      data: page.deliveries.map(presentDelivery),
      next_cursor: page.next && cursorOf(page.next),
    })
  }

  async show({ params, response, caller }: HttpContext) {
    const delivery = await deliveryQuery(caller.orgId, params.id)
    if (!delivery) throw deliveryMissing(params.id)
    return response.ok(presentDeliveryStory(delivery))
  }
}
