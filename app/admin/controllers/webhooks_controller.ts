import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import {
  organisationChoicesQuery,
  organisationNamesQuery,
} from '#app/admin/queries/organisation_names_query'
import { WebhookPage } from '#app/admin/queries/webhook_page_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { readWebhookForm } from '#app/admin/validators/webhook_request'
import { ChangeEndpoint, deleteEndpoint } from '#app/webhooks/actions/change_endpoint'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { EVENT_FILTERS } from '#app/webhooks/event_types'
import { anyEndpointQuery, endpointsQuery } from '#app/webhooks/queries/endpoint_query'

const PAGE = 50

@inject()
export default class WebhooksController {
  constructor(
    private readonly create: CreateEndpoint,
    private readonly change: ChangeEndpoint,
    private readonly page: WebhookPage
  ) {}

  async index({ request, view }: HttpContext) {
    const { organisation = '', before } = request.qs()
    const page = await listed(String(organisation), before && String(before))
    return view.render('pages/admin/webhooks', page)
  }

  async store({ request, response, session, view, auth }: HttpContext) {
    const form = readWebhookForm(request.body())
    const again = async (errors: Record<string, string>) => {
      const page = { ...(await listed('')), form, errors }
      return response.status(422).send(await view.render('pages/admin/webhooks', page))
    }
    const organisation = await organisationQuery(form.organisation)
    if (!organisation) return again({ organisation: 'Choose an organisation.' })
    const made = await this.create.handle({
      ...form,
      accountId: organisation.id,
      actor: `user:${auth.use('web').user!.id}`,
    })
    if (!made.ok) return again(errorOf(made.problem))
    session.flash('secret', made.secret)
    return response.redirect(`/admin/webhooks/${made.id}`)
  }

  async show({ params, request, view, session }: HttpContext) {
    const { status, before } = request.qs()
    const page = await this.page.handle(params.id, { status, before })
    if (!page) throw new NotFound('webhook endpoint of this id')
    // A new secret, this once.
    const secret = session.flashMessages.get('secret')
    return view.render('pages/admin/webhook', { ...page, secret })
  }

  async update({ params, request, response, session, view }: HttpContext) {
    const page = await this.page.handle(params.id, {})
    if (!page) throw new NotFound('webhook endpoint of this id')
    const { url, events, description } = readWebhookForm(request.body())
    const changed = await this.change.handle(page.endpoint.accountId, params.id, {
      url,
      events,
      description,
    })
    if (changed.outcome === 'invalid') {
      const form = { url, events, description }
      const shown = { ...page, form, errors: errorOf(changed.problem), secret: null }
      return response.status(422).send(await view.render('pages/admin/webhook', shown))
    }
    session.flash('notice', 'The endpoint is changed. What is still to be told goes there.')
    return response.redirect(`/admin/webhooks/${params.id}`)
  }

  async destroy({ params, response, session }: HttpContext) {
    const endpoint = await anyEndpointQuery(params.id)
    if (!endpoint) throw new NotFound('webhook endpoint of this id')
    await deleteEndpoint(endpoint.accountId, endpoint.id)
    session.flash('notice', `${endpoint.url} is deleted. It is told nothing any more.`)
    return response.redirect('/admin/webhooks')
  }
}

function errorOf({ param, message }: { param: string; message: string }): Record<string, string> {
  return { [param.split('/')[1]]: message }
}

async function listed(organisation: string, before?: string) {
  const wanted = { accountId: organisation || undefined, before, limit: PAGE }
  const [{ endpoints, next }, organisations] = await Promise.all([
    endpointsQuery(wanted),
    organisationChoicesQuery({ withTest: true, chosen: organisation }),
  ])
  const filter: Record<string, string> = organisation ? { organisation } : {}
  return {
    endpoints,
    organisation,
    organisations,
    names: await organisationNamesQuery(endpoints.map(({ accountId }) => accountId)),
    newest: !before,
    newestQuery: new URLSearchParams(filter).toString(),
    olderQuery: next && new URLSearchParams({ ...filter, before: next }).toString(),
    filters: EVENT_FILTERS,
    form: { organisation, url: '', events: [], description: '' },
    errors: {},
  }
}
