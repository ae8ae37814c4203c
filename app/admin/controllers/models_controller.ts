import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

@inject()
export default class ModelsController {
  constructor(private readonly catalogue: ModelCatalogue) {}

  async index({ view }: HttpContext) {
    const models = this.catalogue.all()
    const plugins = this.catalogue.plugins().map(({ models: known, ...plugin }) => ({
      ...plugin,
      count: known.length,
      models: models.filter(({ provider }) => provider === plugin.id),
    }))
    return view.render('pages/admin/models', { plugins })
  }
}
