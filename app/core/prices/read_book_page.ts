import { MODEL_KINDS } from '../plugins/model_kinds.js'
import { digestOf } from './digest.js'
import { PriceBookFault } from './errors.js'
import type { BookTerms, BookVersion, Rounding } from './price_book.js'
import { compare, decimal } from './rational.js'
import { instantOf, isTimezone, TimeProblem } from './zoned_time.js'

/** A page as `config/price_book.ts`, the form and the command write it. */
export interface BookPage {
  /** Only in the configuration: names the page. */
  version?: string
  /** `*`, `kind:image`, `provider:bfl` or a model. */
  target: string
  /** A day or a time of `timezone`, or an instant with its offset. Left out: at once (configured: ever). */
  effectiveFrom?: string
  effectiveUntil?: string
  /** Of both dates; UTC where it is left out. */
  timezone?: string
  /** The factor on the vendor's price: `"1.5"` adds half. */
  markup?: string
  /** What one credit sells for, in dollars: `"0.10"`. */
  usdPerCredit?: string
  /** So many credits instead, whatever the vendor charges. */
  fixed?: { credits: string; per: 'output' | 'second' | 'generation' }
  /** Nothing of its own from then on: what is said for a wider target holds. */
  inherit?: true
  /** To a multiple of so many credits. Up to a micro-credit where it is left out. */
  rounding?: Partial<Rounding>
  note?: string
}

export const FINEST_ROUNDING: Rounding = { to: '0.000001', mode: 'up' }

const FIELDS = [
  'version',
  'target',
  'effectiveFrom',
  'effectiveUntil',
  'timezone',
  'markup',
  'usdPerCredit',
  'fixed',
  'inherit',
  'rounding',
  'note',
]
const PERS = ['output', 'second', 'generation'] as const
const MODES = ['up', 'nearest'] as const
const LONGEST_NOTE = 500
/** When a page of the configuration begins that does not say. */
const ALWAYS = new Date(0)

/** What a page decides, checked. Who decided it, and when, is added by whoever keeps it. */
export type ReadPage = Pick<
  BookVersion,
  'target' | 'effectiveFrom' | 'effectiveUntil' | 'terms' | 'note'
>

/** Reads a page, or throws `E_PRICE_BOOK_INVALID` that names its first field that is wrong. */
export function readBookPage(page: unknown, now: Date): ReadPage {
  const fields = objectOf(page, 'page', FIELDS)
  const target = readTarget(fields.target)
  const zone = readZone(fields.timezone)
  const effectiveFrom = readInstant(fields.effectiveFrom, 'effectiveFrom', zone) ?? now
  const effectiveUntil = readInstant(fields.effectiveUntil, 'effectiveUntil', zone)
  if (effectiveUntil && effectiveUntil <= effectiveFrom) {
    throw new PriceBookFault('effectiveUntil', 'it ends before it begins. Choose a later moment.')
  }
  return {
    target,
    effectiveFrom,
    effectiveUntil,
    terms: readTerms(fields, target),
    note: readNote(fields.note),
  }
}

/** The pages of the configuration. Each is named by its version and by what it says. */
export function readConfiguredBook(pages: unknown): BookVersion[] {
  if (!Array.isArray(pages)) throw new PriceBookFault('pages', 'the book is a list of pages.')
  const versions = pages.map(readConfiguredPage)
  const starts = new Set<string>()
  for (const { id, target, effectiveFrom } of versions) {
    const start = `${target} ${effectiveFrom.toISOString()}`
    if (starts.has(start)) {
      throw new PriceBookFault(
        'effectiveFrom',
        `two pages for "${target}" begin at the same moment. Give one a later date, or remove it.`,
        id
      )
    }
    starts.add(start)
  }
  if (!versions.some(({ target, terms }) => target === '*' && terms.kind !== 'inherit')) {
    throw new PriceBookFault(
      'target',
      'no page is for "*". Add one, so that every model has a price.'
    )
  }
  return versions
}

function readConfiguredPage(page: BookPage): BookVersion {
  const version = page?.version
  if (typeof version !== 'string' || !/^[\w.-]{1,40}$/.test(version)) {
    throw new PriceBookFault('version', 'give each page a name such as "2026-11".')
  }
  try {
    const read = readBookPage(page, ALWAYS)
    return {
      ...read,
      id: `${version}@${digestOf([read.target, read.effectiveFrom, read.effectiveUntil, read.terms])}`,
      origin: 'config',
      actor: 'system:config',
      createdAt: read.effectiveFrom,
    }
  } catch (error) {
    if (!(error instanceof PriceBookFault)) throw error
    throw new PriceBookFault(error.field, error.mend, version)
  }
}

function readTarget(target: unknown): string {
  const [, scope, name] = /^(?:(kind|provider):)?([\w.*/-]+)$/.exec(String(target ?? '')) ?? []
  const isKnown =
    scope === 'kind'
      ? (MODEL_KINDS as readonly string[]).includes(name)
      : scope === 'provider'
        ? /^[a-z][a-z0-9-]*$/.test(name)
        : name === '*' || /^[a-z][a-z0-9-]*\/[^/*]+$/.test(name ?? '')
  if (isKnown) return String(target)
  throw new PriceBookFault(
    'target',
    `"${String(target ?? '')}" is nothing to price. Write "*", "kind:${MODEL_KINDS[0]}", "provider:<id>" or "<provider>/<model>"; kinds are ${MODEL_KINDS.join(', ')}.`
  )
}

function readZone(zone: unknown): string {
  if (zone === undefined || zone === '') return 'UTC'
  if (typeof zone === 'string' && isTimezone(zone)) return zone
  throw new PriceBookFault(
    'timezone',
    `there is no time zone "${String(zone)}". Write one such as Europe/Berlin or UTC.`
  )
}

function readInstant(value: unknown, field: string, zone: string): Date | null {
  if (value === undefined || value === '') return null
  try {
    return instantOf(String(value), zone)
  } catch (error) {
    if (!(error instanceof TimeProblem)) throw error
    throw new PriceBookFault(field, error.message)
  }
}

function readTerms(fields: Record<string, unknown>, target: string): BookTerms {
  const said = ['markup', 'fixed', 'inherit'].filter((name) => fields[name] !== undefined)
  if (said.length > 1) {
    throw new PriceBookFault(
      said[1],
      `it contradicts "${said[0]}". A page has either a markup, a fixed price or inherit.`
    )
  }
  if (said.length === 0) {
    throw new PriceBookFault('markup', 'the page says no price. Give a markup or a fixed price.')
  }
  if (fields.inherit !== undefined) return readInherit(fields, target)
  const rounding = readRounding(fields.rounding)
  if (fields.markup === undefined) {
    if (fields.usdPerCredit !== undefined) {
      throw new PriceBookFault('usdPerCredit', 'a fixed price is in credits already. Leave it out.')
    }
    const { credits, per } = objectOf(fields.fixed, 'fixed', ['credits', 'per'])
    return {
      kind: 'fixed',
      credits: amountOf(credits, 'fixed.credits', '1000000', 6),
      per: oneOf(per, 'fixed.per', PERS),
      rounding,
    }
  }
  return {
    kind: 'markup',
    markup: amountOf(fields.markup, 'markup', '1000', 6),
    usdPerCredit: amountOf(fields.usdPerCredit, 'usdPerCredit', '1000', 6),
    rounding,
  }
}

function readInherit(fields: Record<string, unknown>, target: string): BookTerms {
  if (fields.inherit !== true) throw new PriceBookFault('inherit', 'it can only be true.')
  if (target === '*') throw new PriceBookFault('inherit', 'nothing is wider than "*". Price it.')
  const extra = ['usdPerCredit', 'rounding'].find((name) => fields[name] !== undefined)
  if (extra)
    throw new PriceBookFault(extra, 'a page that inherits says nothing else. Leave it out.')
  return { kind: 'inherit' }
}

function readRounding(value: unknown): Rounding {
  if (value === undefined) return FINEST_ROUNDING
  const { to, mode } = objectOf(value, 'rounding', ['to', 'mode'])
  return {
    to: to === undefined ? FINEST_ROUNDING.to : amountOf(to, 'rounding.to', '1000', 6),
    mode: mode === undefined ? FINEST_ROUNDING.mode : oneOf(mode, 'rounding.mode', MODES),
  }
}

function readNote(note: unknown): string {
  if (note === undefined) return ''
  if (typeof note === 'string' && note.length <= LONGEST_NOTE) return note.trim()
  throw new PriceBookFault('note', `write at most ${LONGEST_NOTE} characters.`)
}

/** A decimal above zero, at most `largest`, of at most `digits` decimals. */
function amountOf(value: unknown, field: string, largest: string, digits: number): string {
  if (value === undefined)
    throw new PriceBookFault(field, 'it is missing. Write one such as "0.10".')
  if (typeof value !== 'string') {
    throw new PriceBookFault(field, 'write it as text, such as "0.10": a float is not exact.')
  }
  if (value.trim().startsWith('-')) throw new PriceBookFault(field, 'it must not be negative.')
  if (!/^\d{1,12}(\.\d+)?$/.test(value)) {
    throw new PriceBookFault(field, `"${value}" is not a decimal such as "0.10".`)
  }
  const [units, fraction = ''] = value.split('.')
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > digits) {
    throw new PriceBookFault(field, `it has more than ${digits} decimals. Round it.`)
  }
  const amount = decimal(value)
  if (amount.numerator === 0n) {
    throw new PriceBookFault(
      field,
      'it must be above zero. Only a model that is free costs nothing.'
    )
  }
  if (compare(amount, decimal(largest)) > 0) {
    throw new PriceBookFault(field, `it is above ${largest}, which cannot be meant.`)
  }
  return BigInt(units).toString() + (significant && `.${significant}`)
}

function oneOf<Value extends string>(
  value: unknown,
  field: string,
  known: readonly Value[]
): Value {
  const found = known.find((one) => one === value)
  if (found) return found
  throw new PriceBookFault(field, `"${String(value ?? '')}" is not one of ${known.join(', ')}.`)
}

function objectOf(value: unknown, field: string, known: string[]): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new PriceBookFault(field, `write an object with ${known.join(', ')}.`)
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown) {
    const path = field === 'page' ? unknown : `${field}.${unknown}`
    throw new PriceBookFault(path, `there is no such field. Known: ${known.join(', ')}.`)
  }
  return value as Record<string, unknown>
}
