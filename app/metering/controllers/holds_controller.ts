import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { refusalProblem } from '#app/exceptions/refusal_problem'
import { UnauthenticatedException } from '#app/identity/errors'
import { keyRing } from '#app/identity/key_ring'
import { OpenHold } from '#app/metering/actions/open_hold'
import { presentHold } from '#app/metering/presenters'
import { holdMissing } from '#app/metering/problems'
import { HoldQuery } from '#app/metering/queries/hold_query'
import { readOpenHold } from '#app/metering/validators/hold_requests'

@inject()
export default class HoldsController {
  constructor(
    private readonly open: OpenHold,
    private readonly hold: HoldQuery
  ) {}

  async store({ request, response, caller }: HttpContext) {
    const wanted = readOpenHold(request)
    const result = await this.open.handle({
      ...wanted,
      accountId: caller.orgId,
      keyId: caller.keyId,
      userId: caller.userId,
      traceparent: request.header('traceparent') ?? null,
    })
    switch (result.outcome) {
      case 'refused':
        throw refusalProblem(result)
      case 'key_revoked':
        keyRing.forget(caller.keyId!)
        throw new UnauthenticatedException()
      case 'conflict':
        throw new ApiProblem({
          status: 409,
          type: 'invalid_request_error',
          code: 'idempotency_key_reused',
          message: `This Idempotency-Key was used for another request, which became ${result.usedFor}. Use a new key for a new request.`,
          facts: { used_for: result.usedFor },
        })
      default: {
        const hold = await this.hold.handle(caller.orgId, result.holdId)
        response.header('Location', `/v1/holds/${result.holdId}`)
        if (result.outcome === 'held') return response.created(presentHold(hold!))
        response.header('Idempotent-Replayed', 'true')
        return response.ok(presentHold(hold!))
      }
    }
  }

  async show({ params, response, caller }: HttpContext) {
    const hold = await this.hold.handle(caller.orgId, params.id)
    if (!hold) throw holdMissing(params.id)
    return response.ok(presentHold(hold))
  }
}
