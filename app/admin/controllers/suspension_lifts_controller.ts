import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { Suspensions } from '#core/plugins/suspensions'

@inject()
export default class SuspensionLiftsController {
  constructor(private readonly suspensions: Suspensions) {}

  async store({ request, response, session, auth }: HttpContext) {
    const model = String(request.input('model', ''))
    const lifted = await this.suspensions.lift(model, `user:${auth.use('web').user!.id}`)
    session.flash('notice', `${model} ${lifted ? 'is on sale again' : 'was on sale already'}.`)
    return response.redirect('/admin/models')
  }
}
