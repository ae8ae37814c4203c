import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { creditsText } from '#app/admin/format/amounts'
import { OrganisationPage } from '#app/admin/queries/organisation_page_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'
import { planRequest } from '#app/admin/validators/plan_request'
import { ChoosePlan } from '#app/billing/actions/choose_plan'

type Choice = Awaited<ReturnType<ChoosePlan['handle']>>

@inject()
export default class PlanChangesController {
  constructor(
    private readonly choosePlan: ChoosePlan,
    private readonly page: OrganisationPage
  ) {}

  /** Puts an organisation on a plan or on none. The form's reference makes a second press change nothing. */
  async store({ params, request, response, session, view, auth }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation) throw new NotFound('organisation of this id')
    const body = request.body()
    const [error, wanted] = await planRequest.tryValidate(body, { messagesProvider })
    const refuse = async (errors: Record<string, string>) => {
      const page = await this.page.handle(organisation.id, { planForm: body, errors })
      return response.status(422).send(await view.render('pages/admin/organisation', page!))
    }
    if (error) return refuse(messagesByField(error))
    try {
      const choice = await this.choosePlan.handle({
        accountId: organisation.id,
        plan: wanted.plan === 'none' ? null : wanted.plan,
        actor: `user:${auth.use('web').user!.id}`,
        reason: wanted.plan_reason,
        reference: wanted.plan_reference,
        restart: wanted.begins === 'now',
      })
      session.flash('notice', noticeOf(choice, organisation.name))
      return response.redirect(`/admin/organisations/${organisation.id}`)
    } catch (fault) {
      if ((fault as { code?: string }).code !== 'E_PLAN_UNKNOWN') throw fault
      return refuse({ plan: (fault as Error).message })
    }
  }
}

function noticeOf({ outcome, granted }: Choice, name: string): string {
  if (outcome === 'unchanged') return `${name} is on this plan already. Nothing was changed.`
  if (outcome === 'exists') return 'This change was made before. Nothing was changed.'
  const credits = granted.isZero ? '' : ` ${creditsText(granted)} credits granted.`
  return `The plan of ${name} is changed.${credits}`
}
