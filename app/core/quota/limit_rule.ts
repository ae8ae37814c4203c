import { Credits } from '../ledger/credits.js'

export const SCOPES = [
  'org',
  'user',
  'key',
  'end_user',
  'provider',
  'model',
  'batch',
  'platform',
] as const
/** Whom a limit counts for. */
export type LimitScope = (typeof SCOPES)[number]

export const MEASURES = [
  'requests',
  'credits',
  'tokens',
  'images',
  'seconds',
  'concurrency',
] as const
/** What a limit counts. `credits` is in micro-credits, `seconds` and the others in whole units. */
export type LimitMeasure = (typeof MEASURES)[number]

export const WINDOWS = ['minute', 'hour', 'day', 'month', 'total'] as const
export type LimitWindow = (typeof WINDOWS)[number]

/**
 * One limit. Several may count the same call at once; all must have room.
 * Windows are instants, opened in the organisation's time zone.
 */
export interface LimitRule {
  scope: LimitScope
  measure: LimitMeasure
  window: LimitWindow
  limit: bigint
  /** `refuse` answers 429, or 402 where credits are counted. */
  onExceed: 'refuse'
}

/** A rule of an organisation's own, for everybody of its scope (`*`) or for one of them. */
export interface OwnRule extends LimitRule {
  scopeId: string
}

export interface LimitState extends LimitRule {
  scopeId: string
  used: bigint
  held: bigint
  windowStart: Date
  /** `null` for a window without end. */
  windowEnd: Date | null
}

/** An amount as clients read it: credits as a decimal, everything else in whole units. */
export function amountText(measure: LimitMeasure, amount: bigint): string {
  return (measure === 'credits' ? Credits.fromMicro(amount) : amount).toString()
}

/** What is wrong with a rule, by field, or `null` where it makes sense. */
export function ruleProblem(rule: OwnRule): { field: keyof OwnRule; message: string } | null {
  const { scope, scopeId, measure, window, limit } = rule
  for (const [field, known] of Object.entries({
    scope: SCOPES,
    measure: MEASURES,
    window: WINDOWS,
  })) {
    const value = rule[field as keyof OwnRule]
    if (known.some((one) => one === value)) continue
    return problem(field as keyof OwnRule, `"${value}" is not known. Use: ${known.join(', ')}.`)
  }
  if (limit < 0n || limit > LARGEST) {
    return problem('limit', 'Use zero or more, and less than 2^63.')
  }
  if (!scopeId.trim() || scopeId.length > 200) {
    return problem('scopeId', 'Name one of the scope, or write * for everybody of it.')
  }
  if (scope === 'platform' || scope === 'batch') {
    return problem('scope', `A limit of a ${scope} is not an organisation's to set.`)
  }
  if (measure === 'concurrency' && window !== 'total') {
    return problem('window', 'Concurrency is what runs now. It has no window: use total.')
  }
  return null
}

const LARGEST = 2n ** 63n - 1n

function problem(field: keyof OwnRule, message: string) {
  return { field, message }
}
