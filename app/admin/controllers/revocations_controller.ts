import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'

export default class RevocationsController {
  async store({ params, response, session }: HttpContext) {
    const key = await revokeApiKey(params.id)
    if (!key) throw new NotFound('key of this id')
    session.flash('notice', `The key ${key.name} (${key.prefix}…) is revoked.`)
    return response.redirect('/admin/keys')
  }
}
