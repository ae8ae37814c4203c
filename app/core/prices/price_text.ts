import type { PlainRate, PriceRule, Rate } from './price_rule.js'

const SHORT: Record<number, string> = { 1_000_000: 'M', 1_000: 'k' }

/** A price in a line, for people that compare: the lowest and the highest of a table. */
export function priceText(rule: PriceRule): string {
  if ('free' in rule) return 'free'
  if ('flat' in rule) return `${rateText(rule.flat)} an output`
  if ('table' in rule) return `${rateText(rule)} an output`
  if ('perSecond' in rule) return `${rateText(rule.perSecond)} a second`
  if ('perToken' in rule) {
    const kinds = Object.entries(rule.perToken.rates)
    return kinds.map(([kind, rate]) => `${rateText(rate)} of ${kind} tokens`).join(', ')
  }
  if ('perMegapixel' in rule) {
    const { out, extraOut, in: into } = rule.perMegapixel
    return [
      `${rateText(out)} ${extraOut ? 'for the first megapixel' : 'a megapixel'}`,
      ...(extraOut ? [`${rateText(extraOut)} for each further`] : []),
      ...(into ? [`${rateText(into)} for each that goes in`] : []),
    ].join(', ')
  }
  if ('perMegapixelFrame' in rule) {
    const { rate, fps } = rule.perMegapixelFrame
    return `${rateText(rate)} a megapixel of each of ${fps} frames a second`
  }
  if ('perUnit' in rule) {
    const { rate, unit } = rule.perUnit
    const text = rateText(rate)
    return text.includes(' per ') ? `${text} ${unit}` : `${text} a ${unit.slice(0, -1)}`
  }
  if ('reported' in rule) {
    return `as reported in ${rule.reported.unit}; before, ${priceText(rule.reported.otherwise)}`
  }
  if ('sum' in rule) return rule.sum.map(priceText).join(' + ')
  const [word, parts] = 'min' in rule ? ['least', rule.min] : ['most', rule.max]
  return `the ${word} of: ${parts.map(priceText).join('; ')}`
}

function rateText(rate: Rate): string {
  if (typeof rate === 'string' || !('table' in rate)) return plainText(rate)
  const rates = rate.table.rows
    .map(([, one]) => one)
    .sort((a, b) => sizeOf(a) - sizeOf(b))
    .map(plainText)
  const [lowest, highest] = [rates[0], rates.at(-1)!]
  return lowest === highest ? lowest : `${lowest} to ${highest}`
}

function plainText(rate: PlainRate): string {
  if (typeof rate === 'string') return `$${rate}`
  return `$${rate.usd} ${SHORT[rate.per] ? `per ${SHORT[rate.per]}` : `per ${rate.per}`}`
}

function sizeOf(rate: PlainRate): number {
  return typeof rate === 'string' ? Number(rate) : Number(rate.usd) / rate.per
}
