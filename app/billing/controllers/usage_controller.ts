import type { HttpContext } from '@adonisjs/core/http'
import { usageQuery } from '#app/billing/queries/usage_query'
import { readUsageRequest } from '#app/billing/validators/list_requests'

export default class UsageController {
  async index({ request, response, caller }: HttpContext) {
    const wanted = readUsageRequest(request.qs())
    const rows = await usageQuery({ accountId: caller.orgId, ...wanted })
    return response.ok({
      object: 'usage',
      from: wanted.from,
      to: wanted.to,
      group_by: wanted.groupBy,
      data: rows.map(({ group, ...numbers }) => ({ [wanted.groupBy]: group || null, ...numbers })),
    })
  }
}
