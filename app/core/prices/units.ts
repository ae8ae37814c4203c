import { TOKEN_KINDS, type Quantities, type TokenKind } from './price_rule.js'

const SIMPLE = ['wholeMegapixelsIn', 'references', 'characters'] as const

/** Quantities as a usage event keeps them: flat, by name, with the sum of all `tokens`. */
export function unitsOf({ tokens, ...counts }: Quantities): Record<string, number> {
  if (!tokens) return { ...counts }
  const all = Object.values(tokens).reduce((sum, count) => sum + count, 0)
  return { ...counts, ...tokens, tokens: all }
}

/** The quantities that a usage event keeps: the way back. */
export function quantitiesOf(units: Record<string, unknown>): Quantities {
  const count = (name: string) => Number(units[name] ?? 0)
  const quantities: Quantities = {
    outputs: count('outputs'),
    pixelsOut: count('pixelsOut'),
    pixelsIn: count('pixelsIn'),
    seconds: count('seconds'),
  }
  for (const name of SIMPLE) if (name in units) quantities[name] = count(name)
  const kinds = TOKEN_KINDS.filter((kind) => kind in units)
  if (kinds.length > 0) {
    const tokens = kinds.map((kind): [TokenKind, number] => [kind, count(kind)])
    quantities.tokens = Object.fromEntries(tokens)
  }
  return quantities
}
