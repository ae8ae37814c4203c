import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { readLimit, refuseUnknown } from '#app/exceptions/query_string'
import { ChangeEndpoint, deleteEndpoint } from '#app/webhooks/actions/change_endpoint'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { presentEndpoint } from '#app/webhooks/presenters'
import { endpointMissing, endpointProblem } from '#app/webhooks/problems'
import { endpointQuery, endpointsQuery } from '#app/webhooks/queries/endpoint_query'
import { readChangeEndpoint, readCreateEndpoint } from '#app/webhooks/validators/endpoint_requests'

@inject()
export default class EndpointsController {
  constructor(
    private readonly create: CreateEndpoint,
    private readonly change: ChangeEndpoint
  ) {}

  async index({ request, response, caller }: HttpContext) {
    const { limit, cursor } = refuseUnknown(request.qs(), ['limit', 'cursor'])
    const page = await endpointsQuery({
      accountId: caller.orgId,
      limit: readLimit(limit),
      before: cursor === undefined ? undefined : String(cursor),
    })
    return response.ok({
      object: 'list',
      data: page.endpoints.map(presentEndpoint),
      next_cursor: page.next,
    })
  }

  async store({ request, response, caller }: HttpContext) {
    const wanted = readCreateEndpoint(request)
    const result = await this.create.handle({
      ...wanted,
      accountId: caller.orgId,
      actor: caller.actor,
    })
    if (!result.ok) throw endpointProblem(result.problem)
    const endpoint = await endpointQuery(caller.orgId, result.id)
    response.header('Location', `/v1/webhook_endpoints/${result.id}`)
    return response.created({ ...presentEndpoint(endpoint!), secret: result.secret })
  }

  async show({ params, response, caller }: HttpContext) {
    const endpoint = await endpointQuery(caller.orgId, params.id)
    if (!endpoint) throw endpointMissing(params.id)
    return response.ok(presentEndpoint(endpoint))
  }

  async update({ params, request, response, caller }: HttpContext) {
    const result = await this.change.handle(caller.orgId, params.id, readChangeEndpoint(request))
    if (result.outcome === 'invalid') throw endpointProblem(result.problem)
    if (result.outcome === 'missing') throw endpointMissing(params.id)
    return response.ok(presentEndpoint((await endpointQuery(caller.orgId, params.id))!))
  }

  async destroy({ params, response, caller }: HttpContext) {
    if (!(await deleteEndpoint(caller.orgId, params.id))) throw endpointMissing(params.id)
    return response.noContent()
  }
}
