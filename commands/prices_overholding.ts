import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesOverholding extends BaseCommand {
  static commandName = 'prices:overholding'
  static description = 'How many times their price jobs held, by model'
  static options: CommandOptions = { startApp: true }

  @flags.number({ description: 'Of the last so many days', default: 30 })
  declare days: number

  @flags.boolean({ description: 'As JSON' })
  declare json: boolean

  async run() {
    if (!(this.days > 0 && this.days <= 3660)) {
      this.logger.error('--days must be from 1 to 3660.')
      this.exitCode = 1
      return
    }
    const { overholdingQuery } = await import('#app/pricing/queries/overholding_query')
    const since = new Date(Date.now() - this.days * 86_400_000)
    const models = await overholdingQuery(since)
    if (this.json) return console.log(JSON.stringify({ since, models }, null, 2))
    const table = this.ui.table().head(['Model', 'Jobs', 'Held', 'Cost', 'p50', 'p95', 'Highest'])
    for (const { model, jobs, held, cost, p50, p95, highest } of models) {
      const times = [p50, p95, highest].map((part) => part.toFixed(2))
      table.row([model, String(jobs), held.toString(), cost.toString(), ...times])
    }
    table.render()
  }
}
