import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesDrift extends BaseCommand {
  static commandName = 'prices:drift'
  static description = 'How far what vendors say that work cost is from the prices of their plugins'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'As JSON' })
  declare json: boolean

  async run() {
    const { FEWEST_JOBS, mendOf, PriceDriftQuery, TOLERATED } =
      await import('#app/pricing/queries/price_drift_query')
    const query = await this.app.container.make(PriceDriftQuery)
    const drifts = await query.handle()
    const off = drifts.filter(({ isOff }) => isOff)
    if (off.length > 0) this.exitCode = 1
    if (this.json) {
      const models = drifts.map((drift) => ({
        ...drift,
        own: drift.own.toString(),
        reported: drift.reported.toString(),
        mend: drift.isOff ? mendOf(drift, new Date()) : null,
      }))
      return this.logger.log(JSON.stringify(models, null, 2))
    }
    const table = this.ui
      .table()
      .head(['Model', 'Jobs', 'By its price $', 'Reported $', 'Drift', ''])
    for (const { model, jobs, own, reported, part, unread, isOff } of drifts) {
      const words = [isOff ? 'OFF' : '', unread > 0 ? `${unread} cannot be read` : '']
      const percent = `${part > 0 ? '+' : ''}${(part * 100).toFixed(1)}%`
      const money = [own.toString(), reported.toString()]
      table.row([model, String(jobs), ...money, percent, words.filter(Boolean).join(', ')])
    }
    table.render()
    for (const drift of off) this.logger.error(mendOf(drift, new Date()))
    this.logger.log(
      `${drifts.length} models report what they cost, ${off.length} are off by more than ${TOLERATED * 100}% over at least ${FEWEST_JOBS} jobs`
    )
  }
}
