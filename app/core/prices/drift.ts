import type { Usd } from '../ledger/credits.js'
import { evaluate, type Facts } from './evaluate.js'
import type { PriceRule } from './price_rule.js'

/** What a vendor said that a work cost, beside what its own price says of the same work. */
export interface Drift {
  own: Usd
  reported: Usd
  /** 0.1: it bills a tenth more than its price says. Of a work that should cost nothing, 1. */
  part: number
}

/**
 * How far the vendor's figure is from the rule that stands in for it; `null` where it reported none,
 * or none that can be read. One that is too high to be believed is read nonetheless: it is what
 * drifted most.
 */
export function driftOf(rule: PriceRule, { reported, upper: _, ...facts }: Facts): Drift | null {
  if (!reported) return null
  const theirs = evaluate(rule, { ...facts, reported })
  if (!theirs.report || theirs.report.doubt) return null
  const own = evaluate(rule, facts).cost
  return { own, reported: theirs.cost, part: partOf(own, theirs.cost) }
}

/** By how much of the first the second is more; less than nothing where it is less. */
export function partOf(own: Usd, reported: Usd): number {
  if (own.micro === 0n) return reported.micro === 0n ? 0 : 1
  return Number(reported.micro - own.micro) / Number(own.micro)
}
