import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ReleaseHold } from '#app/metering/actions/release_hold'
import { presentHold } from '#app/metering/presenters'
import { holdEnded, holdMissing } from '#app/metering/problems'

@inject()
export default class ReleasesController {
  constructor(private readonly release: ReleaseHold) {}

  async store({ params, response, caller }: HttpContext) {
    const result = await this.release.handle({
      accountId: caller.orgId,
      holdId: params.id,
      actor: caller.actor,
    })
    if (result.outcome === 'missing') throw holdMissing(params.id)
    if (result.outcome === 'ended') throw holdEnded(result.hold)
    if (result.replayed) response.header('Idempotent-Replayed', 'true')
    return response.ok(presentHold(result.hold))
  }
}
