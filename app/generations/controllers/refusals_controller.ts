import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { readLimit, refuseUnknown, wrongQuery } from '#app/exceptions/query_string'
import { presentRefusal } from '#app/generations/presenters'
import { RefusalsQuery } from '#app/generations/queries/refusals_query'

@inject()
export default class RefusalsController {
  constructor(private readonly refusals: RefusalsQuery) {}

  async index({ request, response, caller }: HttpContext) {
    const { limit, cursor } = refuseUnknown(request.qs(), ['limit', 'cursor'])
    if (cursor !== undefined && !/^ref_\w+$/.test(String(cursor))) {
      throw wrongQuery('cursor', 'Take next_cursor of the page before.')
    }
    const wanted = { accountId: caller.orgId, limit: readLimit(limit), before: cursor }
    const page = await this.refusals.page(wanted)
    return response.ok({
      object: 'list',
      data: page.refusals.map(presentRefusal),
      next_cursor: page.next,
    })
  }

  async show({ params, response, caller }: HttpContext) {
    const refusal = await this.refusals.one(caller.orgId, params.id)
    if (refusal) return response.ok(presentRefusal(refusal))
    throw new ApiProblem({
      status: 404,
      type: 'invalid_request_error',
      code: 'refusal_not_found',
      message: `There is no refusal ${params.id} in this organisation. They are kept for 30 days.`,
    })
  }
}
