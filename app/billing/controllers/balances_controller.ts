import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { BalanceQuery } from '#app/billing/queries/balance_query'

@inject()
export default class BalancesController {
  constructor(private readonly balance: BalanceQuery) {}

  async show({ response, caller }: HttpContext) {
    return response.ok({ object: 'balance', ...(await this.balance.handle(caller.orgId)) })
  }
}
