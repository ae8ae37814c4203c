import { namedReferences } from '#core/plugins/references'
import type { Size } from '#core/plugins/geometry'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { checkInput } from '#app/generations/validators/model_input'

/** What a model can be asked for, with the sizes of its files. */
export interface LegalOrder {
  input: Record<string, unknown>
  /** By where the input names them. */
  references: Record<string, Size>
}

/** Numbers that look random and are the same for the same seed (xorshift). */
function chance(seed: number) {
  let state = seed | 0 || 1
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Chance = ReturnType<typeof chance>

/** Of texts: a longer one is priced no otherwise. */
const LONGEST_TEXT = 4_000
const RANDOM_NUMBERS = 3
/** A file of an order that only exists to be priced. */
const FILE = 'ast_sample'

/**
 * Orders that a model takes: every combination of its choices, switches and boundary numbers
 * where there are at most `limit`, else so many of them by chance, with each value at least once.
 */
export function* legalOrders(
  model: ModelManifest,
  { seed, limit }: { seed: number; limit: number }
): Generator<LegalOrder> {
  const random = chance(seed)
  const names = Object.keys(model.parameters.properties)
  const domains = names.map((name) => valuesOf(model, name, random))
  const sizes = Object.fromEntries(
    Object.entries(model.references).map(([name, { maxMegapixels }]) => [
      name,
      sizesUpTo(maxMegapixels, random),
    ])
  )
  let turn = 0
  for (const values of combinations(domains, limit, random)) {
    const given = names.map((name, n) => [name, structuredClone(values[n])])
    const input = Object.fromEntries(given.filter(([, value]) => value !== undefined))
    // What the schema forbids in combination is nobody's to ask for.
    if (checkInput(model, input, '')) continue
    const files = namedReferences(model.references, input)
    const rounds =
      files.length > 0 && turn === 0
        ? Math.max(...files.map(({ parameter }) => sizes[parameter].length))
        : 1
    for (let round = 0; round < rounds; round++, turn++) {
      const references = files.map(({ parameter, at }) => {
        const { sameSizeAs = parameter } = model.references[parameter]
        return [at, sizes[sameSizeAs][turn % sizes[sameSizeAs].length]]
      })
      yield { input, references: Object.fromEntries(references) }
    }
  }
}

function valuesOf(model: ModelManifest, name: string, random: Chance): unknown[] {
  const schema = model.parameters.properties[name]
  const isFile = name in model.references
  const values = new Set<unknown>(isFile ? filesOf(schema) : choicesOf(schema, random))
  if (schema.default !== undefined) values.add(schema.default)
  if (name in model.example && !(name in model.references)) values.add(model.example[name])
  if (!model.parameters.required?.includes(name)) values.add(undefined)
  return [...values]
}

/** One, or as few and as many as a list takes. */
function filesOf({ type, minItems = 1, maxItems }: Record<string, unknown>): unknown[] {
  if (type !== 'array') return [FILE]
  return [minItems, maxItems].map((length) => Array.from({ length: Number(length) }, () => FILE))
}

function choicesOf(schema: Record<string, unknown>, random: Chance): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum
  if ('const' in schema) return [schema.const]
  if (schema.type === 'boolean') return [true, false]
  if (schema.type === 'integer' || schema.type === 'number') return numbersOf(schema, random)
  if (Array.isArray(schema.examples)) return schema.examples
  if (schema.type !== 'string' || schema.pattern !== undefined) return []
  const { minLength = 0, maxLength = LONGEST_TEXT } = schema as Record<string, number | undefined>
  return [minLength, Math.min(maxLength, LONGEST_TEXT)].map((length) => 'a'.repeat(length))
}

/** The bounds, what lies just inside them, and some between. */
function numbersOf(schema: Record<string, unknown>, random: Chance): number[] {
  const { multipleOf = schema.type === 'integer' ? 1 : undefined } = schema as {
    multipleOf?: number
  }
  const { minimum = 0, maximum = minimum + 100 * (multipleOf ?? 1) } = schema as Record<
    string,
    number | undefined
  >
  const between = (part: number) => {
    if (multipleOf === undefined) return minimum + (maximum - minimum) * part
    const first = Math.ceil(minimum / multipleOf)
    const steps = Math.floor(maximum / multipleOf) - first
    return (first + Math.round(steps * part)) * multipleOf
  }
  const parts = Array.from({ length: RANDOM_NUMBERS }, () => random(10_000) / 10_000)
  return [...new Set([0, ...parts, 1].map(between))]
}

/** A dot, lines, the largest square, and some between. */
function sizesUpTo(megapixels: number, random: Chance): Size[] {
  const pixels = megapixels * 1e6
  const side = Math.floor(Math.sqrt(pixels))
  const width = 1 + random(side)
  return [
    { width: 1, height: 1 },
    { width: side, height: side },
    { width: 1, height: side },
    { width: side, height: 1 },
    { width, height: 1 + random(Math.floor(pixels / width)) },
  ]
}

function* combinations(domains: unknown[][], limit: number, random: Chance): Generator<unknown[]> {
  const total = domains.reduce((product, { length }) => product * length, 1)
  if (total <= limit) {
    for (let n = 0; n < total; n++) yield nth(domains, n)
    return
  }
  for (const [position, domain] of domains.entries()) {
    for (const value of domain) {
      yield domains.map((others, n) => (n === position ? value : others[random(others.length)]))
    }
  }
  for (let n = 0; n < limit; n++) yield domains.map((domain) => domain[random(domain.length)])
}

function nth(domains: unknown[][], n: number): unknown[] {
  let rest = n
  return domains.map((domain) => {
    const value = domain[rest % domain.length]
    rest = Math.floor(rest / domain.length)
    return value
  })
}
