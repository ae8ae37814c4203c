import type { PlainRate } from './price_rule.js'
import { roundingText, type PricedTerms } from './price_book.js'
import type { Price, Terms } from './price_model.js'
import { decimalText } from './rational.js'
import { pinOf } from './vendor_price.js'

/** How a price came about, in decimals: what a quote promises and what a past job shows. */
export interface Derivation {
  lines: { unit: string; quantity: string; rate: { usd: string; per: number }; usd: string }[]
  /** Of the lines, rounded up to a micro-dollar. */
  vendor_cost_usd: string
  vendor_price: { version: string; source: string }
  book: { page: string; target: string } & BookFacts
  rounding: string
  credits: string
}

type BookFacts =
  | { kind: 'markup'; markup: string; usd_per_credit: string }
  | { kind: 'fixed'; credits: string; per: string }

export function derivationOf({ price, page }: Terms, { cost, credits, lines }: Price): Derivation {
  return {
    lines: lines.map(({ unit, quantity, rate, usd }) => ({
      unit,
      quantity: decimalText(quantity),
      rate: plain(rate),
      usd: decimalText(usd),
    })),
    vendor_cost_usd: cost.toString(),
    vendor_price: { version: pinOf(price), source: price.source },
    book: { page: page.id, target: page.target, ...factsOf(page.terms) },
    rounding: roundingText(page.terms.rounding),
    credits: credits.toString(),
  }
}

function plain(rate: PlainRate) {
  return typeof rate === 'string' ? { usd: rate, per: 1 } : rate
}

function factsOf(terms: PricedTerms): BookFacts {
  return terms.kind === 'markup'
    ? { kind: 'markup', markup: terms.markup, usd_per_credit: terms.usdPerCredit }
    : { kind: 'fixed', credits: terms.credits, per: terms.per }
}
