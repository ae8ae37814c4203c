import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PricesSet extends BaseCommand {
  static commandName = 'prices:set'
  static description = 'Add a page to the price book. Pages are never changed; the latest holds'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: '"*", "kind:video", "provider:bfl" or a model such as "bfl/flux"' })
  declare target: string

  @flags.string({ description: 'The factor on the vendor’s price: 1.5 adds half' })
  declare markup?: string

  @flags.string({ description: 'What one credit sells for, in dollars (with --markup)' })
  declare usdPerCredit?: string

  @flags.string({ description: 'So many credits, whatever the vendor charges' })
  declare fixed?: string

  @flags.string({ description: 'output, second or generation (with --fixed)' })
  declare per?: string

  @flags.boolean({ description: 'From then on, what is said for a wider target holds' })
  declare inherit?: boolean

  @flags.string({ description: 'Round to a multiple of so many credits' })
  declare roundTo?: string

  @flags.string({ description: 'up (default) or nearest' })
  declare roundMode?: string

  @flags.string({ description: 'A day, a time or an instant; at once when left out' })
  declare from?: string

  @flags.string({ description: 'The first moment at which it no longer holds' })
  declare until?: string

  @flags.string({ description: 'Of both, such as Europe/Berlin; UTC when left out' })
  declare timezone?: string

  @flags.string({ description: 'Why' })
  declare note?: string

  @flags.boolean({ description: 'Only show what it would change' })
  declare dryRun?: boolean

  async run() {
    const { PriceBookFault } = await import('#core/prices/errors')
    const { PublishPage } = await import('#app/pricing/actions/publish_page')
    const { PriceListQuery } = await import('#app/pricing/queries/price_list_query')
    const publish = await this.app.container.make(PublishPage)
    const list = await this.app.container.make(PriceListQuery)
    try {
      const preview = list.preview(publish.read(this.#page()))
      const table = this.ui.table().head(['Model', 'Example before', 'After'])
      for (const { model, before, after } of preview) {
        table.row([model, before.toString(), after.toString()])
      }
      table.render()
      if (this.dryRun) return
      const page = await publish.handle(this.#page(), 'system:console')
      this.logger.success(
        `${page.id} for ${page.target} holds from ${page.effectiveFrom.toISOString()}.`
      )
    } catch (error) {
      if (!(error instanceof PriceBookFault)) throw error
      this.logger.error(error.message)
      this.exitCode = 1
    }
  }

  #page() {
    const rounding = { to: this.roundTo, mode: this.roundMode }
    const fixed = { credits: this.fixed, per: this.per ?? 'output' }
    return given({
      target: this.target,
      markup: this.markup,
      usdPerCredit: this.usdPerCredit,
      fixed: this.fixed === undefined ? undefined : fixed,
      inherit: this.inherit || undefined,
      rounding: this.roundTo || this.roundMode ? given(rounding) : undefined,
      effectiveFrom: this.from,
      effectiveUntil: this.until,
      timezone: this.timezone,
      note: this.note,
    })
  }
}

function given(fields: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
