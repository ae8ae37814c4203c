import { digestOf } from './digest.js'
import type { ModelPrice, PriceChange } from './price_rule.js'

interface Priced {
  price: ModelPrice
  priceChanges?: PriceChange[]
}

/** Every price that a model declares, the first one first. */
export function pricesOf({ price, priceChanges = [] }: Priced): ModelPrice[] {
  return [price, ...priceChanges]
}

/** The price that holds at a moment: the last change that has begun, or the first price. */
export function priceInForce({ price, priceChanges }: Priced, at: Date): ModelPrice {
  return priceChanges?.findLast(({ effectiveFrom }) => new Date(effectiveFrom) <= at) ?? price
}

const pins = new WeakMap<ModelPrice, string>()

/**
 * What a hold keeps of a vendor's price: `2026-07-01@9f31c2d4`, its version and a digest of
 * its rule, so that a rule that was changed under an old name is another price.
 */
export function pinOf(price: ModelPrice): string {
  const known = pins.get(price)
  if (known) return known
  const pin = `${price.version}@${digestOf(price.rule)}`
  pins.set(price, pin)
  return pin
}
