import { PriceVersionFault } from '#core/prices/errors'
import type { PriceArchive } from '#core/prices/price_archive'
import type { BookVersion, PricedTerms } from '#core/prices/price_book'
import type { PricePin, Terms } from '#core/prices/price_model'

/** The vendor's price and the page of the book that a hold pinned for a model. */
export async function pinnedTerms(
  prices: PriceArchive,
  model: string,
  pin: PricePin
): Promise<Terms> {
  const [price, page] = await Promise.all([
    prices.vendorPrice(model, pin.price),
    prices.page(pin.book),
  ])
  if (page.terms.kind === 'inherit') throw new PriceVersionFault('priced page', pin.book)
  return { price, page: page as BookVersion<PricedTerms> }
}
