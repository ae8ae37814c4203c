import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ProviderHealth } from '#core/plugins/provider_health'

@inject()
export default class CircuitClosingsController {
  constructor(private readonly health: ProviderHealth) {}

  async store({ request, response, session, auth }: HttpContext) {
    const provider = String(request.input('provider', ''))
    const closed = await this.health.close(provider, `user:${auth.use('web').user!.id}`)
    session.flash('notice', `${provider} ${closed ? 'is asked again' : 'was asked already'}.`)
    return response.redirect('/admin/models')
  }
}
