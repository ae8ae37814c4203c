import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { presentForecast } from '#app/billing/presenters'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { ForecastQuery } from '#app/billing/queries/forecast_query'
import { readBalanceRequest } from '#app/billing/validators/balance_request'

@inject()
export default class BalancesController {
  constructor(
    private readonly balance: BalanceQuery,
    private readonly forecast: ForecastQuery
  ) {}

  async show({ request, response, caller }: HttpContext) {
    const { at, wantsForecast, add } = readBalanceRequest(request.qs())
    if (at) {
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
    const balance = { object: 'balance', ...(await this.balance.handle(caller.orgId)) }
    if (!wantsForecast) return response.ok(balance)
    const forecast = await this.forecast.handle(caller.orgId, add)
    return response.ok({ ...balance, forecast: presentForecast(forecast, add) })
  }
}
