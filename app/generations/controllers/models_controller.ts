import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

@inject()
export default class ModelsController {
  constructor(private readonly catalogue: ModelCatalogue) {}

  async index({ response, caller }: HttpContext) {
    return response.ok({ object: 'list', data: this.catalogue.openTo(caller.orgId) })
  }

  async show({ params, response, caller }: HttpContext) {
    const name = [params.provider, params.model].join('/')
    const model = this.catalogue.one(name)
    if (model) return response.ok(model)
    throw new ApiProblem({
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      message: `There is no model "${name}". Did you mean ${this.catalogue.nearest(name, caller.orgId).join(', ')}?`,
    })
  }
}
