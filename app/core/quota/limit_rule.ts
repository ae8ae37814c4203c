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

export const BEYOND = ['refuse', 'queue', 'observe'] as const
/**
 * What becomes of a call beyond a limit. `refuse` answers 429, or 402 where credits are counted;
 * `queue` accepts and holds, and lets the work wait until the limit has room; `observe` lets it
 * pass, and records that it would have been refused.
 */
export type OnExceed = (typeof BEYOND)[number]

/**
 * One limit. Several may count the same call at once; all must have room.
 * Windows are instants, opened in the organisation's time zone.
 */
export interface LimitRule {
  scope: LimitScope
  measure: LimitMeasure
  window: LimitWindow
  limit: bigint
  onExceed: OnExceed
}

/** A rule of an organisation's own, for everybody of its scope (`*`) or for one of them. */
export interface OwnRule extends LimitRule {
  scopeId: string
}

export interface LimitState extends LimitRule {
  scopeId: string
  used: bigint
  held: bigint
  /** What is accepted and waits for room. It goes before what comes later. */
  waiting: bigint
  windowStart: Date
  /** `null` for a window without end. */
  windowEnd: Date | null
}

/** `key_requests_per_minute`; of a budget over all accounts, `platform_provider_credits_per_month`. */
export function ruleName({
  scope,
  scopeId,
  measure,
  window,
}: Pick<LimitState, 'scope' | 'scopeId' | 'measure' | 'window'>): string {
  const of = scope === 'platform' && scopeId !== 'all' ? `platform_${scopeId.split(':')[0]}` : scope
  return `${of}_${measure}_per_${window}`
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
    onExceed: BEYOND,
  })) {
    const value = rule[field as keyof OwnRule]
    if (known.some((one) => one === value)) continue
    return problem(field as keyof OwnRule, `"${value}" is not known. Use: ${known.join(', ')}.`)
  }
  if (!isWithinBounds(limit)) return problem('limit', boundsText(measure))
  if (!scopeId.trim() || scopeId.length > 200) {
    return problem('scopeId', 'Name one of the scope, or write * for everybody of it.')
  }
  if (scope === 'platform' || scope === 'batch') {
    const instead = scope === 'platform' ? ' Set a budget over all organisations.' : ''
    return problem('scope', `A limit of a ${scope} is not an organisation's to set.${instead}`)
  }
  if (measure === 'concurrency' && window !== 'total') {
    return problem('window', 'Concurrency is what runs now. It has no window: use total.')
  }
  if (rule.onExceed === 'queue' && window === 'total' && measure !== 'concurrency') {
    return problem('onExceed', 'A total never clears: what waits for it would wait for ever.')
  }
  if (rule.onExceed === 'queue' && limit === 0n) {
    return problem('onExceed', 'A limit of nothing never has room: use refuse.')
  }
  return null
}

const LARGEST = 2n ** 63n - 1n

/** Whether a limit can be kept and counted. */
export function isWithinBounds(limit: bigint): boolean {
  return limit >= 0n && limit <= LARGEST
}

/** What a limit of a measure may be, in its units. */
export function boundsText(measure: string): string {
  return measure === 'credits'
    ? `Use 0 to ${Credits.fromMicro(LARGEST)} credits, in steps of 0.000001.`
    : `Use 0 to ${LARGEST}.`
}

function problem(field: keyof OwnRule, message: string) {
  return { field, message }
}
