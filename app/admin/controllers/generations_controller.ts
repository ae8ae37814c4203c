import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { GenerationPage } from '#app/admin/queries/generation_page_query'
import { generationAddressQuery } from '#app/admin/queries/generation_address_query'
import {
  organisationChoicesQuery,
  organisationNamesQuery,
} from '#app/admin/queries/organisation_names_query'
import {
  filterQuery,
  positionText,
  readFilters,
  readPosition,
  STATUSES,
} from '#app/admin/validators/generation_filters'
import { generationsQuery } from '#app/generations/queries/generations_query'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

const PAGE = 25

@inject()
export default class GenerationsController {
  constructor(
    private readonly catalogue: ModelCatalogue,
    private readonly page: GenerationPage
  ) {}

  async index({ request, response, view }: HttpContext) {
    const { id = '', older } = request.qs()
    const found = id ? await generationAddressQuery(String(id).trim()) : null
    if (found) return response.redirect(`/admin/generations/${found.id}`)
    const { fields, filters } = readFilters(request.qs())
    const { generations, next } = id
      ? { generations: [], next: null }
      : await generationsQuery(filters, { limit: PAGE, after: readPosition(older) })
    const plugins = this.catalogue.plugins()
    return view.render('pages/admin/generations', {
      generations,
      names: await organisationNamesQuery(generations.map(({ accountId }) => accountId)),
      organisations: await organisationChoicesQuery({
        withTest: true,
        chosen: fields.organisation,
      }),
      providers: plugins.map((plugin) => plugin.id),
      models: plugins.flatMap(({ models }) => models.map(({ name }) => name)),
      statuses: STATUSES,
      fields,
      id,
      filtered: filterQuery(fields) !== '' || id !== '',
      newest: older === undefined,
      newestQuery: filterQuery(fields),
      olderQuery: next && filterQuery(fields, { older: positionText(next) }),
    })
  }

  async show({ params, view }: HttpContext) {
    const page = await this.page.handle(params.id)
    if (!page) throw new NotFound('generation of this id')
    return view.render('pages/admin/generation', page)
  }
}
