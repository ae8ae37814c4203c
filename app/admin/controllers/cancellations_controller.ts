import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { generationAddressQuery } from '#app/admin/queries/generation_address_query'
import { CancelGeneration } from '#app/generations/actions/cancel_generation'

type CancelResult = Awaited<ReturnType<CancelGeneration['handle']>>

const NOTICES: Record<Exclude<CancelResult['outcome'], 'missing'>, string> = {
  canceled: 'The generation is canceled. Nothing was charged.',
  requested: 'The worker was asked to stop.',
  resolved: 'It had ended before.',
}

@inject()
export default class CancellationsController {
  constructor(private readonly cancel: CancelGeneration) {}

  async store({ params, response, session, auth }: HttpContext) {
    const address = await generationAddressQuery(params.id)
    if (!address) throw new NotFound('generation of this id')
    const actor = `user:${auth.use('web').user!.id}` as const
    const { outcome } = await this.cancel.handle({ ...address, actor })
    if (outcome !== 'missing') session.flash('notice', NOTICES[outcome])
    return response.redirect(`/admin/generations/${address.id}`)
  }
}
