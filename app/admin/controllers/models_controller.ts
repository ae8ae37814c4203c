import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ProviderHealth } from '#core/plugins/provider_health'
import { circuitRow } from '#app/admin/format/circuits'
import { hasSuite } from '#app/generations/plugin_suite'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'
import { mendOf, PriceDriftQuery } from '#app/pricing/queries/price_drift_query'

@inject()
export default class ModelsController {
  constructor(
    private readonly catalogue: ModelCatalogue,
    private readonly health: ProviderHealth,
    private readonly drift: PriceDriftQuery
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
    const drifts = await this.drift.handle()
    const off = drifts
      .filter(({ isOff }) => isOff)
      .map((one) => ({
        ...{ model: one.model, jobs: one.jobs, own: one.own, reported: one.reported },
        percent: `${one.part > 0 ? '+' : ''}${(one.part * 100).toFixed(1)} %`,
        mend: mendOf(one, new Date()),
      }))
    return view.render('pages/admin/models', { plugins, off })
  }
}
