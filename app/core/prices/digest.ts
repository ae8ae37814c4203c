import { createHash } from 'node:crypto'

/** JSON in which the order of fields makes no difference. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** Eight letters that tell what is said: enough beside a name, and short on every hold. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 8)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]))
}
