import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { creditsText } from '#app/admin/format/amounts'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { RefillTestAccount } from '#app/billing/actions/refill_test_account'

@inject()
export default class RefillsController {
  constructor(private readonly refill: RefillTestAccount) {}

  async store({ params, request, response, session, auth }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation?.testOf) throw new NotFound('test account of this id')
    const result = await this.refill.handle({
      accountId: organisation.id,
      actor: `user:${auth.use('web').user!.id}`,
      reference: String(request.input('reference', '')).slice(0, 100),
    })
    const done =
      result.outcome === 'granted'
        ? `${creditsText(result.amount)} test credits added.`
        : 'It is full. Nothing was added.'
    session.flash('notice', done)
    return response.redirect(`/admin/organisations/${organisation.id}`)
  }
}
