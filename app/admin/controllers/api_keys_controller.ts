import type { HttpContext } from '@adonisjs/core/http'
import { apiKeysQuery } from '#app/admin/queries/api_keys_query'
import { organisationChoicesQuery } from '#app/admin/queries/organisation_names_query'
import { organisationQuery } from '#app/identity/queries/organisation_query'
import { apiKeyRequest } from '#app/admin/validators/api_key_request'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'
import { inject } from '@adonisjs/core'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { OpenTestAccount } from '#app/identity/actions/open_test_account'
import { SCOPES } from '#app/identity/caller'

const PAGE = 50

@inject()
export default class ApiKeysController {
  constructor(private readonly openTestAccount: OpenTestAccount) {}

  async index({ request, view, session }: HttpContext) {
    const { organisation = '', before } = request.qs()
    const page = await listed(String(organisation), before && String(before))
    // The text of a new key, this once.
    return view.render('pages/admin/keys', { ...page, made: session.flashMessages.get('made') })
  }

  async store({ request, response, session, view, auth }: HttpContext) {
    const body = request.body()
    const sent = { mode: 'live', ...body, scopes: [body.scopes ?? []].flat() }
    const [error, wanted] = await apiKeyRequest.tryValidate(sent, { messagesProvider })
    const organisation = wanted && (await organisationQuery(wanted.organisation))
    if (error || !organisation) {
      const errors = error ? messagesByField(error) : { organisation: 'Choose an organisation.' }
      const page = { ...(await listed('')), form: sent, errors }
      return response.status(422).send(await view.render('pages/admin/keys', page))
    }
    const { mode, name, scopes } = wanted
    const account = mode === 'test' ? await this.openTestAccount.handle(organisation) : organisation
    const { key, text } = await createApiKey({
      name,
      scopes,
      orgId: account.id,
      createdBy: `user:${auth.use('web').user!.id}`,
    })
    session.flash('made', { name: key.name, organisation: organisation.name, text })
    return response.redirect('/admin/keys')
  }
}

async function listed(organisation: string, before?: string) {
  const wanted = { orgId: organisation || undefined, before, limit: PAGE }
  const [{ keys, next }, organisations] = await Promise.all([
    apiKeysQuery(wanted),
    organisationChoicesQuery({ chosen: organisation }),
  ])
  const older =
    next && new URLSearchParams({ ...(organisation && { organisation }), before: next }).toString()
  const form = { organisation, mode: 'live', scopes: SCOPES.filter((scope) => scope !== 'admin') }
  return { keys, older, newest: !before, organisations, scopes: SCOPES, form, errors: {} }
}
