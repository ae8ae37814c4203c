import { Usd } from '../ledger/credits.js'
import {
  add,
  ceiling,
  compare,
  counted,
  decimal,
  divide,
  less,
  multiply,
  whole,
  ZERO,
  type Rational,
} from './rational.js'
import { keyValue, lookUp, type Keys } from './table.js'
import type {
  PlainRate,
  PriceRule,
  Quantities,
  Rate,
  ReportedCost,
  TokenKind,
} from './price_rule.js'

const MEGAPIXEL = whole(1_000_000)
const MINUTE = whole(60)
const ONE = whole(1)
/** A figure above this many times the ceiling is a mistake of somebody's, not a price. */
const CREDIBLE_TIMES = 3n
/** Of what is kept of a vendor's words. */
const LONGEST_WORD = 64

/** What a rule is evaluated for. */
export interface Facts {
  quantities: Quantities
  /** The values of the parameters that tables ask for. */
  keys?: Keys
  /** When the work was accepted: the dated rates of that moment convert what was reported. */
  at?: Date
  /** The vendor's own figure, once there is one. */
  reported?: ReportedCost | null
  /** The most it could cost, in which light a reported figure is seen. */
  upper?: Usd
}

/** One line of a derivation: how much of what, at which rate. */
export interface PriceLine {
  /** `megapixels out`, `outputs`, `imageOut tokens`. */
  unit: string
  quantity: Rational
  rate: PlainRate
  usd: Rational
}

/** Why a reported figure was not believed. */
export type Doubt = 'unknown_unit' | 'not_a_figure' | 'negative' | 'too_high' | 'no_rate'

/** What became of a figure that the vendor reported. */
export interface Report {
  amount: string
  unit: string
  /** Of the rate that converted it; `null` where it was not believed. */
  rateVersion: string | null
  doubt: Doubt | null
}

export interface Evaluation {
  /** Rounded up, once. */
  cost: Usd
  lines: PriceLine[]
  report: Report | null
}

type Sheet = Pick<Evaluation, 'report'> & { usd: Rational; lines: PriceLine[] }

/** The vendor's price of these facts, rounded up once to a micro-dollar, with its derivation. */
export function evaluate(rule: PriceRule, facts: Facts): Evaluation {
  const { usd, lines, report } = priced(rule, facts)
  const micro = ceiling({ ...usd, numerator: usd.numerator * 1_000_000n })
  return { cost: Usd.fromMicro(micro), lines, report }
}

function priced(rule: PriceRule, facts: Facts): Sheet {
  const { quantities } = facts
  const outputs = counted(quantities.outputs)
  const seconds = counted(quantities.seconds)
  if ('free' in rule) return together([])
  if ('flat' in rule) return line('outputs', outputs, rule.flat, facts)
  if ('table' in rule) return line('outputs', outputs, rule, facts)
  if ('perSecond' in rule) {
    return line('seconds', rule.wholeSeconds ? up(seconds) : seconds, rule.perSecond, facts)
  }
  if ('perToken' in rule) {
    const kinds = Object.entries(rule.perToken.rates) as [TokenKind, Rate][]
    return together(
      kinds.map(([kind, rate]) => {
        const tokens = counted(quantities.tokens?.[kind] ?? 0)
        return line(`${kind} tokens`, tokens, rate, facts)
      })
    )
  }
  if ('perMegapixel' in rule) return megapixels(rule.perMegapixel, facts)
  if ('perMegapixelFrame' in rule) {
    const { rate, fps } = rule.perMegapixelFrame
    const frames = multiply(multiply(pixelsOfEach(quantities), seconds), counted(fps))
    return line('megapixel frames', divide(frames, MEGAPIXEL), rate, facts)
  }
  if ('perUnit' in rule) return units(rule.perUnit, facts)
  if ('reported' in rule) return reportedOr(rule.reported, facts)
  if ('sum' in rule) return together(rule.sum.map((part) => priced(part, facts)))
  const [parts, sign] = 'min' in rule ? [rule.min, 1] : [rule.max, -1]
  return parts
    .map((part) => priced(part, facts))
    .reduce((best, part) => (sign * compare(part.usd, best.usd) < 0 ? part : best))
}

type Megapixels = Extract<PriceRule, { perMegapixel: object }>['perMegapixel']

function megapixels({ out, extraOut, in: into, wholeMegapixels }: Megapixels, facts: Facts): Sheet {
  const { quantities } = facts
  const outputs = counted(quantities.outputs)
  const exact = divide(pixelsOfEach(quantities), MEGAPIXEL)
  const each = wholeMegapixels ? up(exact) : exact
  const extra = extraOut ? less(each, ONE) : ZERO
  const parts = [line('megapixels out', multiply(less(each, extra), outputs), out, facts)]
  if (extraOut) {
    const beyond = multiply(extra, outputs)
    parts.push(line('megapixels out beyond the first', beyond, extraOut, facts))
  }
  if (into) {
    const sent = wholeMegapixels
      ? counted(quantities.wholeMegapixelsIn ?? Math.ceil(quantities.pixelsIn / 1e6))
      : divide(counted(quantities.pixelsIn), MEGAPIXEL)
    parts.push(line('megapixels in', sent, into, facts))
  }
  return together(parts)
}

type Units = Extract<PriceRule, { perUnit: object }>['perUnit']

function units(rule: Units, facts: Facts): Sheet {
  const { characters = 0, references = 0, seconds } = facts.quantities
  if (rule.unit === 'characters') return line('characters', counted(characters), rule.rate, facts)
  if (rule.unit === 'references') return line('references', counted(references), rule.rate, facts)
  const minutes = divide(counted(seconds), MINUTE)
  return line('minutes', rule.whole ? up(minutes) : minutes, rule.rate, facts)
}

type Reported = Extract<PriceRule, { reported: object }>['reported']

/** The vendor's figure where it can be believed, else what the rule says by itself. */
function reportedOr({ unit, rates, otherwise }: Reported, facts: Facts): Sheet {
  const own = () => priced(otherwise, facts)
  const { reported, at = new Date() } = facts
  if (!reported) return own()
  const report = {
    amount: String(reported.amount).slice(0, LONGEST_WORD),
    unit: String(reported.unit).slice(0, LONGEST_WORD),
    rateVersion: null,
  }
  const doubted = (doubt: Doubt): Sheet => ({ ...own(), report: { ...report, doubt } })
  if (reported.unit !== unit) return doubted('unknown_unit')
  const amount = figureOf(reported.amount)
  if (typeof amount === 'string') return doubted(amount)
  const dated = rates.filter(({ from }) => new Date(from) <= at)
  const rate = dated.sort((a, b) => Date.parse(a.from) - Date.parse(b.from)).at(-1)
  if (!rate) return doubted('no_rate')
  const sheet = line(unit, amount, rate.rate, facts)
  if (facts.upper && compare(sheet.usd, timesUpper(facts.upper)) > 0) return doubted('too_high')
  return { ...sheet, report: { ...report, rateVersion: rate.version, doubt: null } }
}

function timesUpper(upper: Usd): Rational {
  return { numerator: upper.micro * CREDIBLE_TIMES, denominator: 1_000_000n }
}

function figureOf(amount: number | string): Rational | Doubt {
  const plain = typeof amount === 'number' && Number.isFinite(amount) ? amount.toFixed(12) : amount
  if (/^-\d/.test(String(plain))) return Number(plain) === 0 ? ZERO : 'negative'
  return /^\d+(\.\d+)?$/.test(String(plain)) ? decimal(String(plain)) : 'not_a_figure'
}

function line(unit: string, quantity: Rational, rate: Rate, { keys }: Facts): Sheet {
  const plain = rateOf(rate, keys)
  const usd = multiply(quantity, perOne(plain))
  return {
    usd,
    lines: quantity.numerator ? [{ unit, quantity, rate: plain, usd }] : [],
    report: null,
  }
}

function rateOf(rate: Rate, keys: Keys = {}): PlainRate {
  if (typeof rate === 'string' || 'usd' in rate) return rate
  return lookUp(rate.table, (key) => keyValue(keys, key))
}

function perOne(rate: PlainRate): Rational {
  return typeof rate === 'string' ? decimal(rate) : divide(decimal(rate.usd), whole(rate.per))
}

function together(sheets: Sheet[]): Sheet {
  return {
    usd: sheets.reduce((sum, { usd }) => add(sum, usd), ZERO),
    lines: sheets.flatMap(({ lines }) => lines),
    report: sheets.find(({ report }) => report)?.report ?? null,
  }
}

function pixelsOfEach({ pixelsOut, outputs }: Quantities): Rational {
  return outputs === 0 ? ZERO : divide(counted(pixelsOut), counted(outputs))
}

function up(amount: Rational): Rational {
  return whole(ceiling(amount))
}
