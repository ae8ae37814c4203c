import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { signedCreditsText } from '#app/admin/format/amounts'
import { OrganisationPage } from '#app/admin/queries/organisation_page_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { readCorrectionForm } from '#app/admin/validators/movement_request'
import { CorrectCredits } from '#app/billing/actions/correct_credits'
import { movementRefusalText } from '#app/billing/words'

@inject()
export default class CorrectionsController {
  constructor(
    private readonly correct: CorrectCredits,
    private readonly page: OrganisationPage
  ) {}

  /** For whoever reloads the page of a correction that was not right. */
  index({ params, response }: HttpContext) {
    return response.redirect(`/admin/organisations/${params.id}`)
  }

  /** Adds or takes credits by hand. The form's reference makes a second press change nothing more. */
  async store({ params, request, response, session, view, auth }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation) throw new NotFound('organisation of this id')
    const again = async (errors: Record<string, string>) => {
      const correction = { form: request.body(), errors }
      const page = await this.page.handle(params.id, { correction })
      return response.status(422).send(await view.render('pages/admin/organisation', page!))
    }
    const read = await readCorrectionForm(request.body())
    if (!read.ok) return again(read.errors)
    const result = await this.correct.handle({
      ...read.form,
      accountId: organisation.id,
      actor: `user:${auth.use('web').user!.id}`,
    })
    if (result.outcome === 'refused') return again({ amount: movementRefusalText(result.refusal) })
    session.flash(
      'notice',
      result.outcome === 'corrected'
        ? `The balance of ${organisation.name} was corrected by ${signedCreditsText(read.form.amount)} credits.`
        : 'This correction was booked before. Nothing was changed.'
    )
    return response.redirect(`/admin/organisations/${organisation.id}`)
  }
}
