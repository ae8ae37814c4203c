import type { BookVersion, PriceBook } from './price_book.js'
import type { ModelPrice } from './price_rule.js'
import type { ReadPage } from './read_book_page.js'
import type { Actor } from '../ledger/types.js'

/**
 * Every price there is and was. Nothing in it changes or goes: what a hold pinned can be
 * computed again as long as the archive lasts.
 */
export abstract class PriceArchive {
  /**
   * The book that holds, from memory: never a trip to the database. A page that another
   * process published is in it after some seconds.
   */
  abstract get book(): PriceBook

  /** The page that a hold pinned. Throws `E_PRICE_VERSION_MISSING`. */
  abstract page(id: string): Promise<BookVersion>

  /** The vendor's price that a hold pinned, see `pinOf`. Throws `E_PRICE_VERSION_MISSING`. */
  abstract vendorPrice(model: string, pin: string): Promise<ModelPrice>

  /** Adds a page for good. In this process it holds when the call returns. */
  abstract publish(page: ReadPage, actor: Actor): Promise<BookVersion>
}
