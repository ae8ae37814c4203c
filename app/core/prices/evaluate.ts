import { Usd } from '../ledger/credits.js'
import type { PriceRule, Quantities, Rate } from './price_rule.js'

/** An exact number of dollars: `numerator / denominator`. */
interface Rational {
  numerator: bigint
  denominator: bigint
}

const ZERO: Rational = { numerator: 0n, denominator: 1n }
const PIXELS_PER_MEGAPIXEL = 1_000_000

/** The vendor's price of these quantities, rounded up once to a micro-dollar. */
export function evaluate(rule: PriceRule, quantities: Quantities): Usd {
  const { numerator, denominator } = dollars(rule, quantities)
  const micro = numerator * 1_000_000n
  return Usd.fromMicro((micro + denominator - 1n) / denominator)
}

function dollars(rule: PriceRule, quantities: Quantities): Rational {
  if ('free' in rule) return ZERO
  if ('flat' in rule) return times(rule.flat, quantities.outputs)
  if ('perSecond' in rule) return times(rule.perSecond, quantities.seconds)
  if ('perMegapixel' in rule) {
    const out = times(rule.perMegapixel.out, quantities.pixelsOut, PIXELS_PER_MEGAPIXEL)
    const into = times(rule.perMegapixel.in ?? '0', quantities.pixelsIn, PIXELS_PER_MEGAPIXEL)
    return add(out, into)
  }
  return rule.sum.map((part) => dollars(part, quantities)).reduce(add, ZERO)
}

/** A rate times a count. The count may be a fraction of a second. */
function times(rate: Rate, count: number, per = 1): Rational {
  const { usd, per: rateUnits } = typeof rate === 'string' ? { usd: rate, per: 1 } : rate
  const price = decimal(usd)
  return {
    numerator: price.numerator * millionths(count),
    denominator: price.denominator * 1_000_000n * BigInt(per) * BigInt(rateUnits),
  }
}

/**
 * A count to the millionth, rounded up. Its decimals are read, not multiplied: to a float,
 * 2.007 × 1,000,000 is more than 2,007,000. What lies beyond nine decimals is noise.
 */
function millionths(count: number): bigint {
  if (Number.isSafeInteger(count)) return BigInt(count) * 1_000_000n
  const [whole, fraction] = count.toFixed(9).split('.')
  const floor = BigInt(whole + fraction.slice(0, 6))
  return Number(fraction.slice(6)) > 0 ? floor + 1n : floor
}

/** `"0.30"` as 30/100, without a float in between. */
export function decimal(text: string): Rational {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) throw new RangeError(`"${text}" is not a rate. Write a decimal such as "0.03".`)
  const [, whole, fraction = ''] = match
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) }
}

function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  }
}
