import type { CrossRule, Demand } from './define_plugin.js'

/** A parameter that says what another forbids. */
export interface BrokenRule {
  parameter: string
  /** Why, and what it may say. */
  message: string
}

/** The first rule that an input breaks, its defaults filled in, or `null`. */
export function brokenRule(
  rules: CrossRule[] = [],
  input: Record<string, unknown>
): BrokenRule | null {
  for (const { when, then, say } of rules) {
    if (!Object.entries(when).every(([name, demand]) => meets(input[name], demand))) continue
    const broken = Object.entries(then).find(([name, demand]) => !meets(input[name], demand))
    if (!broken) continue
    const [parameter, demand] = broken
    return { parameter, message: `${say} ${mend(parameter, demand)}` }
  }
  return null
}

function meets(value: unknown, demand: Demand): boolean {
  if (Array.isArray(demand)) return demand.some((allowed) => allowed === value)
  if ('given' in demand) return isGiven(value) === demand.given
  const { min = -Infinity, max = Infinity } = demand
  const amount = Array.isArray(value) ? value.length : value
  return typeof amount === 'number' && amount >= min && amount <= max
}

/** An empty list says as much as none. */
function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

function mend(parameter: string, demand: Demand): string {
  if (Array.isArray(demand)) return `"${parameter}" must be ${demand.join(' or ')} then.`
  if ('given' in demand) {
    return demand.given ? `"${parameter}" is required then.` : `Leave "${parameter}" out then.`
  }
  const { min, max } = demand
  const bounds = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`]
  return `"${parameter}" must be ${bounds.filter(Boolean).join(' and ')} then.`
}
