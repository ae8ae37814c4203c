import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesCheck extends BaseCommand {
  static commandName = 'prices:check'
  static description = 'Price what each model can be asked for: nothing but a free model costs 0'
  static options: CommandOptions = { startApp: true }

  @flags.number({ description: 'Of what is tried by chance', default: 20_270_101 })
  declare seed: number

  @flags.number({ description: 'Combinations a model, where it has more', default: 500 })
  declare limit: number

  @flags.boolean({ description: 'As JSON' })
  declare json: boolean

  async run() {
    const { CheckPrices } = await import('#app/pricing/actions/check_prices')
    const check = await this.app.container.make(CheckPrices)
    const checked = check.handle({ seed: this.seed, limit: this.limit })
    const failed = checked.filter(({ failure }) => failure !== null)
    if (failed.length > 0) this.exitCode = 1
    if (this.json) return console.log(JSON.stringify({ seed: this.seed, models: checked }, null, 2))

    const table = this.ui.table().head(['Model', 'Orders', 'Lowest', 'Highest', 'By page', ''])
    for (const { model, orders, lowest, highest, page, isFree, failure } of checked) {
      const verdict = failure ? 'FAILS' : isFree ? 'free' : 'ok'
      const prices = [lowest, highest].map((credits) => credits?.toString() ?? '')
      table.row([model, String(orders), ...prices, page, verdict])
    }
    table.render()
    for (const { model, failure } of failed) {
      const { reason, input, references } = failure!
      this.logger.error(`${model}: ${reason}. Input ${JSON.stringify({ ...input, references })}`)
    }
    this.logger.log(`${checked.length} models, seed ${this.seed}, ${failed.length} fail`)
  }
}
