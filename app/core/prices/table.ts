import type { KeyValue, PriceRule, Table } from './price_rule.js'

/** The values of parameters, as tables ask for them. */
export type Keys = Record<string, KeyValue>

const PRESENCE = 'has:'

/** A table asks for something that none of its rows has. The boot refuses tables that can. */
export class PriceMissingFault extends Error {
  readonly code = 'E_PRICE_MISSING'

  constructor(asked: string) {
    super(`The price has no row for ${asked}. Add one, or a row of "*", to the model's table.`)
    this.name = 'PriceMissingFault'
  }
}

export function lookUp<Value>(
  { keys, rows }: Table<Value>,
  valueOf: (key: string) => KeyValue
): Value {
  const asked = keys.map(valueOf)
  const row = rows.find(([wanted]) => fits(wanted, asked))
  if (row) return row[1]
  throw new PriceMissingFault(keys.map((key, n) => `${key} ${asked[n]}`).join(', '))
}

export function fits(wanted: KeyValue[], asked: KeyValue[]): boolean {
  return wanted.every((value, n) => value === '*' || value === asked[n])
}

export function keyValue(keys: Keys, key: string): KeyValue {
  return keys[key] ?? (key.startsWith(PRESENCE) ? false : null)
}

/** What an input says to the tables of a rule, and nothing else of it. */
export function keysOf(rule: PriceRule, input: Record<string, unknown>): Keys {
  const keys: Keys = {}
  for (const { keys: asked } of tablesOf(rule)) {
    for (const key of asked) {
      const parameter = parameterOf(key)
      const isGiven = input[parameter] !== undefined
      if (key !== parameter) keys[key] = isGiven
      else if (isGiven) keys[key] = input[parameter] as KeyValue
    }
  }
  return keys
}

/** The parameter that a key is about. */
export function parameterOf(key: string): string {
  return key.startsWith(PRESENCE) ? key.slice(PRESENCE.length) : key
}

const known = new WeakMap<object, Table<unknown>[]>()

/** Every table in a rule, wherever it is. */
export function tablesOf(rule: PriceRule): Table<unknown>[] {
  const found = known.get(rule) ?? within(rule)
  known.set(rule, found)
  return found
}

function within(part: unknown): Table<unknown>[] {
  if (part === null || typeof part !== 'object') return []
  if (Array.isArray(part)) return part.flatMap(within)
  return Object.entries(part).flatMap(([name, value]) =>
    name === 'table' ? [value as Table<unknown>] : within(value)
  )
}
