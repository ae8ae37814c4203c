import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { amountText } from '#core/quota/limit_rule'
import { LimitsQuery } from '#app/billing/queries/limits_query'

@inject()
export default class LimitsController {
  constructor(private readonly limits: LimitsQuery) {}

  async index({ response, caller }: HttpContext) {
    const states = await this.limits.handle({
      accountId: caller.orgId,
      keyId: caller.keyId ?? undefined,
      userId: caller.userId ?? undefined,
    })
    return response.ok({
      object: 'list',
      data: states.map((state) => ({
        object: 'limit',
        scope: state.scope,
        scope_id: state.scopeId,
        measure: state.measure,
        window: state.window,
        on_exceed: state.onExceed,
        limit: amountText(state.measure, state.limit),
        used: amountText(state.measure, state.used),
        held: amountText(state.measure, state.held),
        left: amountText(state.measure, left(state)),
        waiting: amountText(state.measure, state.waiting),
        clears_at: state.windowEnd,
      })),
    })
  }
}

function left({ limit, used, held }: { limit: bigint; used: bigint; held: bigint }): bigint {
  const rest = limit - used - held
  return rest > 0n ? rest : 0n
}
