import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ProviderHealth } from '#core/plugins/provider_health'
import { circuitRow } from '#app/admin/format/circuits'
import { hasSuite } from '#app/generations/plugin_suite'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

@inject()
export default class ModelsController {
  constructor(
    private readonly catalogue: ModelCatalogue,
    private readonly health: ProviderHealth
  ) {}

  async index({ view }: HttpContext) {
    const models = this.catalogue.all()
    const plugins = this.catalogue.plugins().map(({ models: known, ...plugin }) => ({
      ...plugin,
      count: known.length,
      hasSuite: hasSuite(plugin.id),
      circuit: circuitRow(this.health.of(plugin.id)),
      models: models.filter(({ provider }) => provider === plugin.id),
    }))
    return view.render('pages/admin/models', { plugins })
  }
}
