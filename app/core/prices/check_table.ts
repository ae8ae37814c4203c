import type { ModelManifest } from '../plugins/define_plugin.js'
import type { KeyValue } from './price_rule.js'
import { PriceProblem } from './price_problem.js'
import { fits, parameterOf } from './table.js'

/** A row for each of more than so many combinations is nobody's to write: let one be "*". */
const MOST_COMBINATIONS = 10_000
const MOST_NUMBERS = 100

/**
 * Throws `PriceProblem` for the first thing that is wrong with a table: a key that is no
 * parameter with values one can count, a row that is none, an input that no row fits.
 */
export function checkTable(
  model: ModelManifest,
  table: unknown,
  at: string,
  checkValue: (value: unknown, at: string) => void
) {
  const { keys, rows, ...strangers } = (table ?? {}) as Record<string, unknown>
  const [stranger] = Object.keys(strangers)
  if (stranger) {
    throw new PriceProblem(`${at}.${stranger}`, 'there is no such field. Known: keys, rows.')
  }
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new PriceProblem(`${at}.keys`, 'name the parameters that decide.')
  }
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new PriceProblem(`${at}.rows`, 'write at least one row: [[values of the keys], rate].')
  }
  const domains = keys.map((key, n) => domainOf(model, String(key), `${at}.keys.${n}`))
  for (const [n, row] of rows.entries()) {
    const place = `${at}.rows.${n}`
    const isRow = Array.isArray(row) && row.length === 2 && Array.isArray(row[0])
    if (!isRow || row[0].length !== keys.length) {
      throw new PriceProblem(place, `write [[${keys.join(', ')}], rate]: a value for each key.`)
    }
    for (const [position, value] of (row[0] as KeyValue[]).entries()) {
      if (value === '*' || domains[position].includes(value)) continue
      throw new PriceProblem(
        place,
        `${JSON.stringify(value)} is never a value of "${keys[position]}". Known: ${domains[position].join(', ')}.`
      )
    }
    checkValue(row[1], `${place}.1`)
  }
  const wanted = (rows as [KeyValue[], unknown][]).map(([values]) => values)
  const missing = firstMissing(domains, wanted, at)
  if (!missing) return
  const asked = keys.map((key, n) => `${key} ${String(missing[n])}`).join(', ')
  throw new PriceProblem(`${at}.rows`, `no row fits ${asked}. Add one, or a row of "*".`)
}

/** A value that stands for all that are not named one by one. */
const ANY = '(any)'

/** What an input can say there. `null` where it can say nothing. */
function domainOf(model: ModelManifest, key: string, at: string): KeyValue[] {
  const name = parameterOf(key)
  const schema = model.parameters.properties[name]
  if (!schema) throw new PriceProblem(at, `"${name}" is not one of its parameters.`)
  const isSure = model.parameters.required?.includes(name) || schema.default !== undefined
  if (key !== name) return isSure ? [true] : [true, false]
  return isSure ? valuesOf(schema, name, at) : [...valuesOf(schema, name, at), null]
}

function valuesOf(schema: Record<string, unknown>, name: string, at: string): KeyValue[] {
  if (Array.isArray(schema.enum)) return schema.enum
  if ('const' in schema) return [schema.const as KeyValue]
  if (schema.type === 'boolean') return [true, false]
  if (schema.type !== 'integer') {
    throw new PriceProblem(
      at,
      `"${name}" can say anything. A table asks for an enum, a boolean or a whole number.`
    )
  }
  const { minimum, maximum, multipleOf = 1 } = schema as Record<string, number | undefined>
  const count = (maximum! - minimum!) / multipleOf + 1
  if (!(count <= MOST_NUMBERS)) return [ANY]
  const first = Math.ceil(minimum! / multipleOf) * multipleOf
  return Array.from({ length: Math.floor(count) }, (_, n) => first + n * multipleOf)
}

/** The first combination that no row fits. */
function firstMissing(domains: KeyValue[][], rows: KeyValue[][], at: string): KeyValue[] | null {
  if (rows.some((row) => row.every((value) => value === '*'))) return null
  const total = domains.reduce((product, { length }) => product * length, 1)
  if (total > MOST_COMBINATIONS) {
    throw new PriceProblem(`${at}.rows`, 'there are too many combinations. End with a row of "*".')
  }
  for (let n = 0; n < total; n++) {
    let rest = n
    const asked = domains.map((domain) => {
      const value = domain[rest % domain.length]
      rest = Math.floor(rest / domain.length)
      return value
    })
    if (!rows.some((row) => fits(row, asked))) return asked
  }
  return null
}
