import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { Credits } from '#core/ledger/credits'
import { NotFound } from '#app/admin/errors'
import { OrganisationPage } from '#app/admin/queries/organisation_page_query'
import { organisationsQuery } from '#app/admin/queries/organisations_query'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'
import { organisationRequest } from '#app/admin/validators/organisation_request'
import { CreateOrganisation } from '#app/identity/actions/create_organisation'

const PAGE = 50

@inject()
export default class OrganisationsController {
  constructor(
    private readonly page: OrganisationPage,
    private readonly create: CreateOrganisation
  ) {}

  async index({ request, view }: HttpContext) {
    const { search = '', before } = request.qs()
    const wanted = { search: String(search), before: before && String(before) }
    return view.render('pages/admin/organisations', await listed(wanted))
  }

  async store({ request, response, session, view }: HttpContext) {
    const [error, organisation] = await organisationRequest.tryValidate(request.body(), {
      messagesProvider,
    })
    if (error) {
      const page = { ...(await listed({})), form: request.body(), errors: messagesByField(error) }
      return response.status(422).send(await view.render('pages/admin/organisations', page))
    }
    const { id, name } = await this.create.handle(organisation)
    session.flash('notice', `${name} is here. Grant it some credits, and make it a key.`)
    return response.redirect(`/admin/organisations/${id}`)
  }

  async show({ params, request, view }: HttpContext) {
    const { before, add } = request.qs()
    const page = await this.page.handle(params.id, {
      before: /^\d{1,18}$/.test(String(before)) ? BigInt(before) : undefined,
      add: readWhatIf(add),
    })
    if (!page) throw new NotFound('organisation of this id')
    return view.render('pages/admin/organisation', page)
  }
}

/** Credits to add in thought; what makes no sense adds none. */
function readWhatIf(text: unknown): Credits | undefined {
  if (typeof text !== 'string' || !/^\d{1,9}(\.\d{1,6})?$/.test(text)) return undefined
  const credits = Credits.parse(text)
  return credits.isZero ? undefined : credits
}

async function listed({ search = '', before }: { search?: string; before?: string }) {
  const { organisations, next } = await organisationsQuery({ search, before, limit: PAGE })
  const older = next && new URLSearchParams({ ...(search && { search }), before: next }).toString()
  return { organisations, search, older, newest: !before, form: {}, errors: {} }
}
