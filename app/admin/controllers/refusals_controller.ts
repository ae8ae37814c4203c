import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { refusalRow } from '#app/admin/format/refusals'
import { organisationChoicesQuery } from '#app/admin/queries/organisation_names_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { RefusalsQuery } from '#app/generations/queries/refusals_query'

const PAGE = 50

@inject()
export default class RefusalsController {
  constructor(private readonly refusals: RefusalsQuery) {}

  async index({ request, view }: HttpContext) {
    const { organisation = '', before } = request.qs()
    const chosen = String(organisation)
    const [page, organisations] = await Promise.all([
      this.refusals.page({
        accountId: chosen || undefined,
        limit: PAGE,
        before: before && String(before),
      }),
      organisationChoicesQuery({ chosen }),
    ])
    const filter: Record<string, string> = chosen ? { organisation: chosen } : {}
    const query = (fields: Record<string, string>) =>
      new URLSearchParams({ ...filter, ...fields }).toString()
    return view.render('pages/admin/refusals', {
      refusals: page.refusals.map(refusalRow),
      names: Object.fromEntries(organisations.map(({ id, name }) => [id, name])),
      organisations,
      organisation: chosen,
      newest: !before,
      newestQuery: query({}),
      olderQuery: page.next && query({ before: page.next }),
    })
  }

  async show({ params, view }: HttpContext) {
    const [refusal, organisation] = await Promise.all([
      this.refusals.one(params.org, params.id),
      organisationQuery(params.org),
    ])
    if (!refusal || !organisation) throw new NotFound('refusal of this id')
    return view.render('pages/admin/refusal', { refusal: refusalRow(refusal), organisation })
  }
}
