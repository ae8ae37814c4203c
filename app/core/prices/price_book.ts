import { Credits, type Usd } from '../ledger/credits.js'
import type { Quantities } from './price_rule.js'
import {
  ceiling,
  counted,
  decimal,
  divide,
  multiply,
  nearest,
  whole,
  type Rational,
} from './rational.js'

/** To a multiple of `to` credits: `up`, or to the `nearest` with a half upwards. */
export interface Rounding {
  /** `"0.01"`; `"0.000001"` is a micro-credit. */
  to: string
  mode: 'up' | 'nearest'
}

/** How a vendor's cost becomes a user's price. */
export type BookTerms =
  /** The vendor's price times `markup`, in credits that sell for `usdPerCredit` dollars. */
  | { kind: 'markup'; markup: string; usdPerCredit: string; rounding: Rounding }
  /** So many credits, whatever the vendor charges. */
  | {
      kind: 'fixed'
      credits: string
      per: 'output' | 'second' | 'generation'
      rounding: Rounding
    }
  /** As if this target had no terms: what is said for a wider one holds. */
  | { kind: 'inherit' }

export type PricedTerms = Exclude<BookTerms, { kind: 'inherit' }>

/** A page of the price book. Never changed: what is decided anew gets a page of its own. */
export interface BookVersion<Terms extends BookTerms = BookTerms> {
  /** Names it on holds, so that a past job can be priced again. */
  id: string
  /** `*`, `kind:image`, `provider:bfl` or a model, `bfl/flux-2-pro`. */
  target: string
  effectiveFrom: Date
  /** The first moment at which it no longer holds, where there is one. */
  effectiveUntil: Date | null
  terms: Terms
  origin: 'config' | 'database'
  actor: string
  note: string
  createdAt: Date
}

const MICRO = whole(1_000_000)

interface Priced {
  name: string
  provider: string
  kind: string
}

/**
 * The operator's policy over vendor prices: the one door between what vendors charge
 * (dollars) and what users pay (credits).
 *
 * The most specific target that holds wins; of one target, the database over the
 * configuration; of one origin, the later effective date, then the later decision.
 */
export class PriceBook {
  readonly #byTarget = new Map<string, BookVersion[]>()

  constructor(readonly versions: readonly BookVersion[]) {
    for (const version of versions.toSorted(byPrecedence)) {
      const pages = this.#byTarget.get(version.target) ?? []
      this.#byTarget.set(version.target, pages)
      pages.push(version)
    }
  }

  /** The page that holds for a model at a moment. */
  inForce({ name, provider, kind }: Priced, at: Date): BookVersion<PricedTerms> {
    for (const target of [name, `provider:${provider}`, `kind:${kind}`, '*']) {
      const page = this.at(target, at)
      if (page) return page
    }
    throw new PriceBookEmptyFault(at)
  }

  /** The page that was decided last of those that hold for exactly this target. */
  latest(target: string, at: Date): BookVersion | null {
    return (this.#byTarget.get(target) ?? []).find((page) => holds(page, at)) ?? null
  }

  /** The page of exactly this target, where one holds that does not hand on to a wider one. */
  at(target: string, at: Date): BookVersion<PricedTerms> | null {
    let handedOn: BookVersion['origin'] | null = null
    for (const page of this.#byTarget.get(target) ?? []) {
      if (!holds(page, at) || page.origin === handedOn) continue
      if (isPriced(page)) return page
      handedOn = page.origin
    }
    return null
  }
}

/** Nothing says what anything costs. A book of the configuration always has a page for `*`. */
class PriceBookEmptyFault extends Error {
  readonly code = 'E_PRICE_BOOK_EMPTY'

  constructor(at: Date) {
    super(
      `No page of the price book holds for "*" at ${at.toISOString()}. Add one to config/price_book.ts.`
    )
  }
}

/** What the user pays for a vendor's cost, rounded once as the page says. */
export function creditsFor(terms: PricedTerms, cost: Usd, quantities: Quantities): Credits {
  const step = ceiling(multiply(decimal(terms.rounding.to), MICRO))
  const steps = divide(microCredits(terms, cost, quantities), whole(step))
  return Credits.fromMicro((terms.rounding.mode === 'up' ? ceiling(steps) : nearest(steps)) * step)
}

export function roundingText({ mode, to }: Rounding): string {
  return `${mode} ${to}`
}

function microCredits(terms: PricedTerms, cost: Usd, quantities: Quantities): Rational {
  if (terms.kind === 'markup') {
    const marked = multiply(whole(cost.micro), decimal(terms.markup))
    return divide(marked, decimal(terms.usdPerCredit))
  }
  const { outputs, seconds } = quantities
  const count = terms.per === 'output' ? outputs : terms.per === 'second' ? seconds : outputs && 1
  return multiply(multiply(decimal(terms.credits), MICRO), counted(count))
}

function holds({ effectiveFrom, effectiveUntil }: BookVersion, at: Date): boolean {
  return effectiveFrom <= at && (effectiveUntil === null || effectiveUntil > at)
}

function isPriced(page: BookVersion): page is BookVersion<PricedTerms> {
  return page.terms.kind !== 'inherit'
}

function byPrecedence(a: BookVersion, b: BookVersion): number {
  if (a.origin !== b.origin) return a.origin === 'database' ? -1 : 1
  return (
    b.effectiveFrom.getTime() - a.effectiveFrom.getTime() ||
    b.createdAt.getTime() - a.createdAt.getTime() ||
    (a.id < b.id ? 1 : -1)
  )
}
