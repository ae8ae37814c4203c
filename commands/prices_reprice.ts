import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesReprice extends BaseCommand {
  static commandName = 'prices:reprice'
  static description = 'Compute the price of a past job once more, by the versions its hold pinned'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'The id of the job or of its generation', required: true })
  declare job: string

  @flags.boolean({ description: 'As JSON' })
  declare json: boolean

  async run() {
    const { RepricingQuery } = await import('#app/pricing/queries/repricing_query')
    const query = await this.app.container.make(RepricingQuery)
    const repricing = await query.handle(this.job)
    if (!repricing) {
      this.logger.error(`There is no job ${this.job}. Ids are at /admin/generations.`)
      this.exitCode = 1
      return
    }
    if (!repricing.isSame) this.exitCode = 1
    if (this.json) return console.log(JSON.stringify(repricing, null, 2))

    const { jobId, hold, charged, pins, attempts, isSame } = repricing
    this.logger.log(`${jobId}: ${hold.amount} held, ${hold.state}, ${charged} charged`)
    if (pins.quote) this.logger.log(`by quote ${pins.quote}`)
    for (const { attempt, model, status, computed, recorded, derivation } of attempts) {
      this.logger.log(`attempt ${attempt} of ${model}: ${status}`)
      for (const { unit, quantity, rate, usd } of derivation?.lines ?? []) {
        this.logger.log(`  ${quantity} ${unit} × $${rate.usd} per ${rate.per} = $${usd}`)
      }
      if (derivation) {
        const { vendor_price: vendor, book, rounding } = derivation
        this.logger.log(`  vendor price ${vendor.version}: $${derivation.vendor_cost_usd}`)
        this.logger.log(`  page ${book.page} for ${book.target}, rounded ${rounding}`)
        this.logger.log(`  = ${derivation.credits} credits, at most ${hold.amount}`)
      }
      this.logger.log(`  computed ${computed.price}, recorded ${recorded.price} credits`)
      this.logger.log(`  computed $${computed.vendorCost}, recorded $${recorded.vendorCost}`)
    }
    if (isSame) this.logger.success('The same figures.')
    else this.logger.error('The figures differ.')
  }
}
