import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { readPastInstant } from '#app/billing/validators/list_requests'
import { BalanceQuery } from '#app/billing/queries/balance_query'

@inject()
export default class BalancesController {
  constructor(private readonly balance: BalanceQuery) {}

  async show({ request, response, caller }: HttpContext) {
    const at = readPastInstant(request.qs().at, 'at')
    if (!at) {
      return response.ok({ object: 'balance', ...(await this.balance.handle(caller.orgId)) })
    }
    const { grants, ...balance } = await this.balance.at(caller.orgId, at)
    return response.ok({
      object: 'balance',
      at,
      ...balance,
      grants: grants.map(({ grantId, expiresAt, ...grant }) => ({
        grant: grantId,
        expires_at: expiresAt,
        ...grant,
      })),
    })
  }
}
