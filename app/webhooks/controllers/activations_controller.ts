import type { HttpContext } from '@adonisjs/core/http'
import { disableEndpoint, enableEndpoint } from '#app/webhooks/actions/change_endpoint'
import { presentEndpoint } from '#app/webhooks/presenters'
import { endpointMissing } from '#app/webhooks/problems'
import { endpointQuery } from '#app/webhooks/queries/endpoint_query'

/** Whether an endpoint is told anything. */
export default class ActivationsController {
  async store({ params, response, caller }: HttpContext) {
    if (!(await enableEndpoint(caller.orgId, params.id))) throw endpointMissing(params.id)
    return response.ok(presentEndpoint((await endpointQuery(caller.orgId, params.id))!))
  }

  async destroy({ params, response, caller }: HttpContext) {
    if (!(await disableEndpoint(caller.orgId, params.id))) throw endpointMissing(params.id)
    return response.ok(presentEndpoint((await endpointQuery(caller.orgId, params.id))!))
  }
}
