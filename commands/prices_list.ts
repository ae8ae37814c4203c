import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesList extends BaseCommand {
  static commandName = 'prices:list'
  static description = 'What each model costs by the price book, and every page of the book'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'As JSON' })
  declare json: boolean

  async run() {
    const { PriceListQuery } = await import('#app/pricing/queries/price_list_query')
    const { termsText } = await import('#app/pricing/terms_text')
    const list = await this.app.container.make(PriceListQuery)
    const [models, pages] = [list.models(), list.pages()]
    if (this.json) return console.log(JSON.stringify({ models, pages }, null, 2))

    const prices = this.ui.table().head(['Model', 'Example: vendor $', 'Credits', 'By page', 'For'])
    for (const { model, vendorCost, credits, page } of models) {
      prices.row([model, vendorCost.toString(), credits.toString(), page.id, page.target])
    }
    prices.render()
    const book = this.ui.table().head(['Page', 'For', 'Terms', 'From', 'Until', 'State', 'By'])
    for (const page of pages) {
      const until = page.effectiveUntil?.toISOString() ?? ''
      const from = page.effectiveFrom.getTime() === 0 ? 'ever' : page.effectiveFrom.toISOString()
      book.row([page.id, page.target, termsText(page.terms), from, until, page.state, page.actor])
    }
    book.render()
  }
}
