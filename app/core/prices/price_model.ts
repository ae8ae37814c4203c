import { Usd, type Credits } from '../ledger/credits.js'
import type { ModelManifest } from '../plugins/define_plugin.js'
import { outputSize, type Size } from '../plugins/geometry.js'
import type { Usage } from '../plugins/model_provider.js'
import { evaluate, type PriceLine, type Report } from './evaluate.js'
import {
  creditsFor,
  roundingText,
  type BookVersion,
  type PriceBook,
  type PricedTerms,
} from './price_book.js'
import type { Count, ModelPrice, PriceRule, Quantities, TokenEstimate } from './price_rule.js'
import { keysOf, keyValue, lookUp, type Keys } from './table.js'
import { pinOf, priceInForce } from './vendor_price.js'

/** What a price is computed with: the vendor's rule and the operator's page. */
export interface Terms {
  price: ModelPrice
  page: BookVersion<PricedTerms>
}

/** What was asked for. */
export interface Order {
  input: Record<string, unknown>
  /** The size of each reference, by the parameter that names it. */
  references: Record<string, Size>
}

export interface Price {
  /** What the vendor charges. */
  cost: Usd
  /** What the user pays. */
  credits: Credits
  quantities: Quantities
  lines: PriceLine[]
  /** The vendor's own figure, and what was made of it. */
  report: Report | null
}

/** What a hold keeps of the price of one candidate, so that it can be computed again. */
export interface PricePin {
  /** See `pinOf`. */
  price: string
  /** The id of the page. */
  book: string
  /** `up 0.000001`. */
  rounding: string
  /** The vendor's cost at most, in micro-USD. */
  upper: string
  /** What the input says to the rule's tables, where it has any. */
  keys?: Keys
}

/** The column `price_pins` of a hold. */
export interface PricePins {
  /** By model. */
  candidates: Record<string, PricePin>
  /** The quote that locked the price, where there was one. */
  quote?: string
}

export function termsInForce(
  model: ModelManifest & { name: string; provider: string },
  book: PriceBook,
  at: Date
): Terms {
  return { price: priceInForce(model, at), page: book.inForce(model, at) }
}

/** The most this order can cost, known before the work: the ceiling that is held. */
export function upperPrice(model: ModelManifest, order: Order, terms: Terms): Price {
  const quantities = expected(model, terms.price.rule, order, requestedOutputs(model, order.input))
  return priced(terms, { quantities, keys: keysOf(terms.price.rule, order.input) })
}

/**
 * What the work did cost, by what was measured. What nobody measured is taken as it was asked
 * for, of the outputs that came. Not capped: the settlement caps it at the hold.
 */
export function actualPrice(
  model: ModelManifest,
  {
    usage,
    upper,
    at,
    keys,
    ...order
  }: Order & {
    usage: Usage
    /** The vendor's cost at most. */
    upper: Usd
    /** When the order was accepted. */
    at: Date
    /** As they were pinned; without them, as the input says. */
    keys?: Keys
  },
  terms: Terms
): Price {
  const { rule } = terms.price
  const quantities = expected(model, rule, order, usage.outputs)
  for (const name of ['pixelsOut', 'pixelsIn', 'seconds', 'characters', 'tokens'] as const) {
    if (usage[name] !== undefined) Object.assign(quantities, { [name]: usage[name] })
  }
  return priced(terms, {
    quantities,
    keys: keys ?? keysOf(rule, order.input),
    at,
    upper,
    reported: usage.reportedCost,
  })
}

/** The price of facts that are known: before the work, after it, or years later. */
export function priced({ price, page }: Terms, facts: Parameters<typeof evaluate>[1]): Price {
  const { cost, lines, report } = evaluate(price.rule, facts)
  const { quantities } = facts
  return { cost, credits: creditsFor(page.terms, cost, quantities), quantities, lines, report }
}

export function pricePin({ price, page }: Terms, { cost }: Price, order: Order): PricePin {
  const keys = keysOf(price.rule, order.input)
  return {
    price: pinOf(price),
    book: page.id,
    rounding: roundingText(page.terms.rounding),
    upper: cost.micro.toString(),
    ...(Object.keys(keys).length > 0 && { keys }),
  }
}

export function upperOf({ upper }: PricePin): Usd {
  return Usd.fromMicro(upper)
}

export function requestedOutputs(model: ModelManifest, input: Record<string, unknown>): number {
  return model.outputsParameter ? Number(input[model.outputsParameter]) : 1
}

/** What an order comes to, if it comes to so many outputs. */
function expected(
  model: ModelManifest,
  rule: PriceRule,
  { input, references }: Order,
  outputs: number
): Quantities {
  const size = model.geometry ? outputSize(model.geometry, input, references) : null
  const sizes = Object.values(references)
  const quantities: Quantities = {
    outputs,
    pixelsOut: size ? size.width * size.height * outputs : 0,
    pixelsIn: sizes.reduce((sum, one) => sum + one.width * one.height, 0),
    seconds: model.secondsParameter ? Number(input[model.secondsParameter]) * outputs : 0,
  }
  if (sizes.length > 0) {
    quantities.references = sizes.length
    quantities.wholeMegapixelsIn = sizes.reduce(
      (sum, one) => sum + Math.ceil((one.width * one.height) / 1e6),
      0
    )
  }
  for (const part of partsOf(rule)) {
    if ('perUnit' in part && part.perUnit.unit === 'characters') {
      quantities.characters = [...String(input[part.perUnit.of] ?? '')].length
    }
    if ('perToken' in part) {
      const kinds = Object.entries(part.perToken.upper)
      const tokens = kinds.map(([kind, estimate]) => [
        kind,
        tokensOf(estimate, quantities, { input, keys: keysOf(rule, input) }),
      ])
      quantities.tokens = Object.fromEntries(tokens)
    }
  }
  return quantities
}

function tokensOf(
  {
    perCall = 0,
    perOutput = 0,
    perReference = 0,
    perMegapixel = 0,
    perByteOf,
    perPixelFrame,
  }: TokenEstimate,
  { outputs, pixelsOut, seconds, references = 0 }: Quantities,
  { input, keys }: { input: Record<string, unknown>; keys: Keys }
): number {
  const count = (value: Count) =>
    typeof value === 'number' ? value : lookUp(value.table, (key) => keyValue(keys, key))
  const bytes = perByteOf ? Buffer.byteLength(String(input[perByteOf] ?? '')) : 0
  const frames =
    perPixelFrame && outputs > 0
      ? ((pixelsOut / outputs) * seconds * perPixelFrame.fps) / perPixelFrame.per
      : 0
  const made = count(perOutput) * outputs + count(perReference) * references
  const area = Math.ceil((count(perMegapixel) * pixelsOut) / 1e6)
  return count(perCall) + made + area + bytes + Math.ceil(frames)
}

/** A rule and every rule in it. */
export function partsOf(rule: PriceRule): PriceRule[] {
  const within =
    'sum' in rule
      ? rule.sum
      : 'min' in rule
        ? rule.min
        : 'max' in rule
          ? rule.max
          : 'reported' in rule
            ? [rule.reported.otherwise]
            : []
  return [rule, ...within.flatMap(partsOf)]
}
