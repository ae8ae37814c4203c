import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { SettleHold } from '#app/metering/actions/settle_hold'
import { presentHold } from '#app/metering/presenters'
import { holdEnded, holdMissing } from '#app/metering/problems'
import { readSettleHold } from '#app/metering/validators/hold_requests'

@inject()
export default class SettlementsController {
  constructor(private readonly settle: SettleHold) {}

  async store({ params, request, response, caller }: HttpContext) {
    const cost = readSettleHold(request)
    const result = await this.settle.handle({
      accountId: caller.orgId,
      holdId: params.id,
      cost,
      actor: caller.actor,
    })
    switch (result.outcome) {
      case 'missing':
        throw holdMissing(params.id)
      case 'ended':
        throw holdEnded(result.hold)
      case 'too_much':
        throw new ApiProblem({
          status: 422,
          type: 'invalid_request_error',
          code: 'cost_exceeds_hold',
          param: '/cost',
          message: `The cost of ${cost} is above the ${result.held} credits that are held. Nothing was charged. Settle at most the hold, and hold more next time.`,
          facts: { cost, held: result.held },
        })
      case 'settled':
        if (result.replayed) response.header('Idempotent-Replayed', 'true')
        response.header('DayGen-Cost', cost.toString())
        return response.ok(presentHold(result.hold))
    }
  }
}
