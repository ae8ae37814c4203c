import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { creditsText } from '#app/admin/format/amounts'
import { OrganisationPage } from '#app/admin/queries/organisation_page_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { readGrantForm } from '#app/admin/validators/grant_request'
import { GrantCredits } from '#app/billing/actions/grant_credits'

@inject()
export default class GrantsController {
  constructor(
    private readonly grant: GrantCredits,
    private readonly page: OrganisationPage
  ) {}

  /** For whoever reloads the page of a grant that was not right. */
  index({ params, response }: HttpContext) {
    return response.redirect(`/admin/organisations/${params.id}`)
  }

  /** Grants credits by hand. The form's reference makes a second press grant nothing more. */
  async store({ params, request, response, session, view, auth }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation) throw new NotFound('organisation of this id')
    const read = await readGrantForm(request.body(), organisation.timezone)
    const again = async (errors: Record<string, string>) => {
      const grant = { form: request.body(), errors }
      const page = await this.page.handle(params.id, { grant })
      return response.status(422).send(await view.render('pages/admin/organisation', page!))
    }
    if (!read.ok) return again(read.errors)
    const result = await this.grant.handle({
      ...read.form,
      accountId: organisation.id,
      actor: `user:${auth.use('web').user!.id}`,
    })
    if (result.outcome === 'invalid') return again({ [result.field]: result.message })
    const done = `${creditsText(read.form.amount)} credits granted to ${organisation.name}.`
    session.flash(
      'notice',
      result.outcome === 'granted' ? done : 'This grant was booked before. Nothing was added.'
    )
    return response.redirect(`/admin/organisations/${organisation.id}`)
  }
}
