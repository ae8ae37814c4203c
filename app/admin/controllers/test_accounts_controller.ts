import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { OpenTestAccount } from '#app/identity/actions/open_test_account'
import { organisationQuery } from '#app/identity/queries/organisation_query'

@inject()
export default class TestAccountsController {
  constructor(private readonly open: OpenTestAccount) {}

  /** Leads to the test account of an organisation, which is made when there is none. */
  async store({ params, response }: HttpContext) {
    const organisation = await organisationQuery(String(params.id))
    if (!organisation || organisation.testOf) throw new NotFound('organisation of this id')
    const account = await this.open.handle(organisation)
    return response.redirect(`/admin/organisations/${account.id}`)
  }
}
