import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { CancelGeneration } from '#app/generations/actions/cancel_generation'
import { presentGeneration } from '#app/generations/presenters'
import { generationQuery } from '#app/generations/queries/generation_query'
import { missing } from './generations_controller.js'

@inject()
export default class CancellationsController {
  constructor(private readonly cancel: CancelGeneration) {}

  async store({ params, response, caller }: HttpContext) {
    const result = await this.cancel.handle({
      accountId: caller.orgId,
      id: params.id,
      actor: caller.actor,
    })
    const view =
      result.outcome === 'missing' ? null : await generationQuery(caller.orgId, params.id)
    if (!view) throw missing(params.id)
    return response.ok({ ...presentGeneration(view, caller), resolution: result.outcome })
  }
}
