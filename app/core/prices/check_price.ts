import type { ModelManifest } from '../plugins/define_plugin.js'
import { checkTable } from './check_table.js'
import { partsOf } from './price_model.js'
import { TOKEN_KINDS, type ModelPrice, type PriceRule } from './price_rule.js'
import { compare, decimal } from './rational.js'
import { PriceProblem } from './price_problem.js'

const LARGEST_RATE = decimal('100000')
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** The fields beside the one that names the rule. */
const RULES: Record<string, string[]> = {
  free: [],
  flat: [],
  table: [],
  perSecond: ['wholeSeconds'],
  perToken: [],
  perMegapixel: [],
  perMegapixelFrame: [],
  perUnit: [],
  sum: [],
  min: [],
  max: [],
  reported: [],
}

type Fields = Record<string, unknown>

/** Throws `PriceProblem` for the first thing that is wrong with a model's prices. */
export function checkPrices(model: ModelManifest) {
  checkPrice(model, model.price, 'price')
  const changes: unknown = model.priceChanges ?? []
  if (!Array.isArray(changes)) throw new PriceProblem('priceChanges', 'write a list of prices.')
  let before = -Infinity
  for (const [n, change] of changes.entries()) {
    const at = `priceChanges.${n}`
    checkPrice(model, change, at, ['effectiveFrom'])
    const time = instant(change.effectiveFrom, `${at}.effectiveFrom`)
    if (time <= before) {
      throw new PriceProblem(
        `${at}.effectiveFrom`,
        'it is not after the change before it. Sort them.'
      )
    }
    before = time
  }
}

function checkPrice(model: ModelManifest, price: ModelPrice, at: string, more: string[] = []) {
  const { version, source, rule } = fieldsOf(price, at, ['version', 'source', 'rule', ...more])
  if (typeof version !== 'string' || !/^[\w.-]{1,40}$/.test(version)) {
    throw new PriceProblem(
      `${at}.version`,
      'name it in letters, digits, "-" and ".", such as "2026-07-01".'
    )
  }
  if (typeof source !== 'string' || source.trim() === '') {
    throw new PriceProblem(`${at}.source`, 'say where the price was read, and when.')
  }
  checkRule(model, rule, `${at}.rule`)
  const parts = partsOf(rule as PriceRule)
  const counted = parts.filter(
    (part) => 'perToken' in part || ('perUnit' in part && part.perUnit.unit === 'characters')
  )
  const twice = counted.find((part, n) => counted.findIndex((one) => same(one, part)) < n)
  if (twice) {
    const [name] = Object.keys(twice)
    throw new PriceProblem(`${at}.rule`, `it has "${name}" twice. Put their rates into one.`)
  }
}

function same(a: object, b: object): boolean {
  return Object.keys(a)[0] === Object.keys(b)[0]
}

function checkRule(model: ModelManifest, rule: unknown, at: string, within: string[] = []) {
  if (rule === null || typeof rule !== 'object' || Array.isArray(rule)) {
    throw new PriceProblem(at, `write a rule: one of ${Object.keys(RULES).join(', ')}.`)
  }
  const names = Object.keys(rule).filter((name) => name in RULES)
  const stranger = Object.keys(rule).find(
    (name) => !(name in RULES) && !RULES[names[0]]?.includes(name)
  )
  if (stranger) {
    const known = names[0] ? [names[0], ...RULES[names[0]]] : Object.keys(RULES)
    throw new PriceProblem(
      `${at}.${stranger}`,
      `there is no such field. Known: ${known.join(', ')}.`
    )
  }
  if (names.length !== 1) {
    throw new PriceProblem(
      at,
      names.length === 0
        ? `it says no price. Use one of ${Object.keys(RULES).join(', ')}, or { free: true }.`
        : `"${names.join('" and "')}" are two rules. Put them into sum, min or max.`
    )
  }
  const [name] = names
  CHECKS[name](model, rule as Fields, `${at}.${name}`, within)
}

type Check = (model: ModelManifest, rule: Fields, at: string, within: string[]) => void

const several: (name: string) => Check = (name) => (model, rule, at, within) => {
  const parts = rule[name]
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new PriceProblem(at, 'write a list of at least one rule.')
  }
  parts.forEach((part, n) => checkRule(model, part, `${at}.${n}`, [...within, name]))
}

const CHECKS: Record<string, Check> = {
  free(_model, rule, at, within) {
    if (rule.free !== true) throw new PriceProblem(at, 'write true, or a price.')
    if (within.length > 0) {
      throw new PriceProblem(at, 'a part of a price cannot be free. Leave the part out.')
    }
  },
  flat: (model, rule, at) => checkRate(model, rule.flat, at),
  table: (model, rule, at) => checkTable(model, rule.table, at, checkPlainRate),
  perSecond(model, rule, at) {
    checkRate(model, rule.perSecond, at)
    flag(rule.wholeSeconds, `${at.replace(/perSecond$/, 'wholeSeconds')}`)
    needsSeconds(model, at)
  },
  perMegapixel(model, rule, at) {
    const known = ['out', 'extraOut', 'in', 'wholeMegapixels']
    const fields = fieldsOf(rule.perMegapixel, at, known)
    checkRate(model, fields.out, `${at}.out`)
    if (fields.extraOut !== undefined) checkRate(model, fields.extraOut, `${at}.extraOut`)
    if (fields.in !== undefined) checkRate(model, fields.in, `${at}.in`)
    flag(fields.wholeMegapixels, `${at}.wholeMegapixels`)
    needsGeometry(model, at)
  },
  perMegapixelFrame(model, rule, at) {
    const { rate, fps } = fieldsOf(rule.perMegapixelFrame, at, ['rate', 'fps'])
    checkRate(model, rate, `${at}.rate`)
    positive(fps, `${at}.fps`)
    needsGeometry(model, at)
    needsSeconds(model, at)
  },
  perUnit(model, rule, at) {
    const given = (rule.perUnit ?? {}) as Fields
    const more: Record<string, string[]> = {
      characters: ['of'],
      minutes: ['whole'],
      references: [],
    }
    const unit = String(given.unit)
    if (!(unit in more)) {
      throw new PriceProblem(
        `${at}.unit`,
        `"${unit}" is not one of ${Object.keys(more).join(', ')}.`
      )
    }
    const { rate, of, whole } = fieldsOf(given, at, ['unit', 'rate', ...more[unit]])
    checkRate(model, rate, `${at}.rate`)
    flag(whole, `${at}.whole`)
    if (unit === 'characters') needsText(model, of, `${at}.of`)
    if (unit === 'minutes') needsSeconds(model, at)
  },
  perToken(model, rule, at) {
    const { rates, upper } = fieldsOf(rule.perToken, at, ['rates', 'upper'])
    const priced = fieldsOf(rates, `${at}.rates`, [...TOKEN_KINDS])
    const bounds = fieldsOf(upper, `${at}.upper`, [...TOKEN_KINDS])
    if (Object.keys(priced).length === 0)
      throw new PriceProblem(`${at}.rates`, 'give at least one.')
    for (const [kind, rate] of Object.entries(priced)) checkRate(model, rate, `${at}.rates.${kind}`)
    for (const kind of Object.keys(priced)) {
      if (kind in bounds) continue
      throw new PriceProblem(
        `${at}.upper.${kind}`,
        'say how many tokens of it a call can take at most.'
      )
    }
    for (const [kind, estimate] of Object.entries(bounds)) {
      if (!(kind in priced)) throw new PriceProblem(`${at}.upper.${kind}`, 'it has no rate.')
      checkEstimate(model, estimate, `${at}.upper.${kind}`)
    }
  },
  sum: several('sum'),
  min: several('min'),
  max: several('max'),
  reported(model, rule, at, within) {
    const known = ['unit', 'rates', 'otherwise']
    const { unit, rates, otherwise } = fieldsOf(rule.reported, at, known)
    if (within.includes('reported')) {
      throw new PriceProblem(at, 'a figure is reported once. Name another rule to fall back on.')
    }
    if (typeof unit !== 'string' || unit === '') {
      throw new PriceProblem(`${at}.unit`, 'name the unit as the vendor does, such as "credits".')
    }
    if (!Array.isArray(rates) || rates.length === 0) {
      throw new PriceProblem(`${at}.rates`, 'give at least one dated rate.')
    }
    rates.forEach((rate, n) => {
      const dated = fieldsOf(rate, `${at}.rates.${n}`, ['version', 'from', 'rate'])
      if (typeof dated.version !== 'string' || dated.version === '') {
        throw new PriceProblem(`${at}.rates.${n}.version`, 'name it, such as "2026-07".')
      }
      instant(dated.from, `${at}.rates.${n}.from`)
      checkPlainRate(dated.rate, `${at}.rates.${n}.rate`)
    })
    checkRule(model, otherwise, `${at}.otherwise`, [...within, 'reported'])
  },
}

function checkEstimate(model: ModelManifest, estimate: unknown, at: string) {
  const counts = ['perCall', 'perOutput', 'perReference', 'perMegapixel']
  const known = [...counts, 'perByteOf', 'perPixelFrame']
  const fields = fieldsOf(estimate, at, known)
  if (Object.keys(fields).length === 0)
    throw new PriceProblem(at, `give one of ${known.join(', ')}.`)
  for (const name of counts) {
    const count = fields[name]
    if (count === undefined || isCount(count)) continue
    const { table } = fieldsOf(
      count,
      `${at}.${name}`,
      ['table'],
      'a whole number, or a table of them'
    )
    checkTable(model, table, `${at}.${name}.table`, (value, place) => {
      if (!isCount(value)) throw new PriceProblem(place, 'write a whole number of tokens.')
    })
  }
  if (fields.perMegapixel !== undefined) needsGeometry(model, at)
  if (fields.perByteOf !== undefined) needsText(model, fields.perByteOf, `${at}.perByteOf`)
  if (fields.perPixelFrame !== undefined) {
    const { fps, per } = fieldsOf(fields.perPixelFrame, `${at}.perPixelFrame`, ['fps', 'per'])
    positive(fps, `${at}.perPixelFrame.fps`)
    positive(per, `${at}.perPixelFrame.per`)
    needsGeometry(model, at)
    needsSeconds(model, at)
  }
}

function checkRate(model: ModelManifest, rate: unknown, at: string) {
  if (rate !== null && typeof rate === 'object' && 'table' in rate) {
    fieldsOf(rate, at, ['table'])
    checkTable(model, rate.table, `${at}.table`, checkPlainRate)
  } else {
    checkPlainRate(rate, at)
  }
}

function checkPlainRate(rate: unknown, at: string) {
  if (typeof rate === 'string') return checkDollars(rate, at)
  const shape = '"0.03", or { usd: "0.30", per: 1000000 }'
  const { usd, per } = fieldsOf(rate, at, ['usd', 'per'], shape)
  checkDollars(usd, `${at}.usd`)
  if (!Number.isSafeInteger(per) || (per as number) <= 0) {
    throw new PriceProblem(
      `${at}.per`,
      'write for how many units it is: a whole number above zero.'
    )
  }
}

function checkDollars(usd: unknown, at: string) {
  if (typeof usd !== 'string' || !/^\d{1,12}(\.\d{1,18})?$/.test(usd)) {
    throw new PriceProblem(
      at,
      `${JSON.stringify(usd)} is not a rate. Write dollars as text, such as "0.03".`
    )
  }
  if (compare(decimal(usd), LARGEST_RATE) > 0) {
    throw new PriceProblem(at, `$${usd} for a unit cannot be meant.`)
  }
}

function fieldsOf(value: unknown, at: string, known: string[], shape?: string): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new PriceProblem(at, `write ${shape ?? `an object with ${known.join(', ')}`}.`)
  }
  const stranger = Object.keys(value).find((name) => !known.includes(name))
  if (!stranger) return value as Fields
  const currency = /^[a-z]{3}$/.test(stranger) && known.includes('usd') ? ' Rates are in usd.' : ''
  throw new PriceProblem(
    `${at}.${stranger}`,
    `there is no such field. Known: ${known.join(', ')}.${currency}`
  )
}

function instant(value: unknown, at: string): number {
  const time = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) {
    throw new PriceProblem(
      at,
      'write an ISO 8601 instant with its zone, such as 2027-01-01T00:00:00Z.'
    )
  }
  return time
}

function positive(value: unknown, at: string) {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return
  throw new PriceProblem(at, 'write a number above zero.')
}

function flag(value: unknown, at: string) {
  if (value !== undefined && value !== true)
    throw new PriceProblem(at, 'write true, or leave it out.')
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function needsText(model: ModelManifest, name: unknown, at: string) {
  if (model.parameters.properties[String(name)]?.type === 'string') return
  throw new PriceProblem(at, `"${String(name)}" is not a text among its parameters.`)
}

function needsGeometry(model: ModelManifest, at: string) {
  if (model.geometry) return
  throw new PriceProblem(at, 'the model has no geometry, so that its pixels are not known before.')
}

function needsSeconds(model: ModelManifest, at: string) {
  if (model.secondsParameter) return
  throw new PriceProblem(
    at,
    'the model has no secondsParameter, so that its length is not known before.'
  )
}
