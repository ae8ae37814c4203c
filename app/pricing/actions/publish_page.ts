import { inject } from '@adonisjs/core'
import type { Actor } from '#core/ledger/types'
import { PluginRegistry } from '#core/plugins/registry'
import { PriceBookFault } from '#core/prices/errors'
import { PriceArchive } from '#core/prices/price_archive'
import type { BookVersion } from '#core/prices/price_book'
import { readBookPage, type ReadPage } from '#core/prices/read_book_page'
import { CheckPrices } from '#app/pricing/actions/check_prices'
import { bookWith } from '#app/pricing/draft_book'

/** Adds a page to the price book, for good. */
@inject()
export class PublishPage {
  constructor(
    private readonly prices: PriceArchive,
    private readonly registry: PluginRegistry,
    private readonly check: CheckPrices
  ) {}

  /** Throws `E_PRICE_BOOK_INVALID` with the field that is wrong; nothing is written then. */
  async handle(page: unknown, actor: Actor): Promise<BookVersion> {
    return this.prices.publish(this.read(page), actor)
  }

  /** The page as it would be published. Throws like `handle`. */
  read(page: unknown, now = new Date()): ReadPage {
    const read = readBookPage(page, now)
    if (read.effectiveFrom < now) {
      throw new PriceBookFault(
        'effectiveFrom',
        'it lies in the past, and what was held then is priced. Leave it out to begin at once.'
      )
    }
    this.#mustExist(read.target)
    this.#mustPrice(read)
    return read
  }

  #mustExist(target: string) {
    const [scope, id] = target.split(':')
    if (scope === 'provider' && !this.registry.plugins.some((plugin) => plugin.id === id)) {
      const known = this.registry.plugins.map((plugin) => plugin.id).join(', ')
      throw new PriceBookFault('target', `there is no provider "${id}". Known: ${known}.`)
    }
    const models = this.registry.plugins.flatMap(({ models: all }) => all)
    if (!target.includes('/') || models.some(({ name }) => name === target)) return
    const near = this.registry.nearest(target).join(', ')
    throw new PriceBookFault('target', `there is no model "${target}". Did you mean ${near}?`)
  }

  /** A page that sells something for nothing, or for more than can be counted, is a slip. */
  #mustPrice(read: ReadPage) {
    const checked = this.check.handle({
      book: bookWith(this.prices.book, read),
      at: read.effectiveFrom,
    })
    const failed = checked.find(({ failure }) => failure !== null)
    if (!failed) return
    const { input, reason } = failed.failure!
    const field = read.terms.kind === 'fixed' ? 'fixed.credits' : read.terms.kind
    throw new PriceBookFault(
      field,
      `${failed.model} would not be priced right: ${reason}, for ${JSON.stringify(input)}.`
    )
  }
}
