import { Credits } from '#core/ledger/credits'
import {
  ruleName,
  type LimitMeasure,
  type LimitRule,
  type LimitScope,
  type LimitWindow,
} from '#core/quota/limit_rule'
import type { RateRoom } from '#core/quota/rate_room'
import type { ExceededLimit, Refusal } from '#core/quota/refusal'
import { waitingAt, type Waiting } from '#core/quota/waiting'
import type { ExplainedRefusal } from '#core/quota/refusal_log'

/** A refusal as `ledger_refuse` writes it, with amounts as decimal integers. */
export type RefusalRow =
  | { type: 'insufficient_credits'; needed: string; available: string; held: string }
  | { type: 'account_in_debt'; overdraft: string }
  | { type: 'account_closed' }
  | { type: 'key_revoked' }
  | ({ type: 'limit_exceeded' } & LimitRow)

export interface LimitRow {
  scope: LimitScope
  scope_id: string
  measure: LimitMeasure
  window: LimitWindow
  max: string
  used: string
  held: string
  needed: string
  window_end: string
  at: string
}

/** A set of rules for whoever has none of its own, as the composite type `limit_rule` has them. */
export function limitsParameter(rules: LimitRule[], set = 0) {
  return rules.map(({ scope, measure, window, limit, onExceed }) => ({
    set,
    scope,
    measure,
    window,
    max: limit.toString(),
    on_exceed: onExceed,
  }))
}

export function refusalOf(row: RefusalRow): Refusal {
  switch (row.type) {
    case 'insufficient_credits':
      return {
        type: row.type,
        needed: Credits.fromMicro(row.needed),
        available: Credits.fromMicro(row.available),
        held: Credits.fromMicro(row.held),
      }
    case 'account_in_debt':
      return { type: row.type, overdraft: Credits.fromMicro(row.overdraft) }
    case 'limit_exceeded':
      return exceeded(row)
    default:
      return row
  }
}

const WINDOW_SECONDS: Record<string, number> = {
  minute: 60,
  hour: 3600,
  day: 86_400,
  // Months differ; this is what one is said to be.
  month: 2_592_000,
}

/** What rules of requests have left, as the hold call writes it: five words a rule. */
export function ratesOf(
  rooms: string | null,
  { counted }: { counted: bigint }
): { rates?: RateRoom[] } {
  if (!rooms) return {}
  const words = rooms.split(' ')
  const rates: RateRoom[] = []
  for (let first = 0; first < words.length; first += 5) {
    const [scope, window, limit, left, seconds] = words.slice(first, first + 5)
    const rest = BigInt(left) - counted
    rates.push({
      rule: `${scope}_requests_per_${window}`,
      limit: BigInt(limit),
      left: rest > 0n ? rest : 0n,
      windowSeconds: WINDOW_SECONDS[window],
      clearsInSeconds: Math.max(0, Number(seconds)),
    })
  }
  return { rates }
}

/** A refusal as JSON kept it: amounts as decimals of credits, counts as decimal integers. */
export function refusalOfRecord(kept: Record<string, any>): ExplainedRefusal {
  if (kept.type !== 'limit_exceeded') {
    const { type, ...amounts } = kept
    const read = Object.entries(amounts).map(([name, text]) => [name, Credits.parse(text)])
    return { type, ...Object.fromEntries(read) } as ExplainedRefusal
  }
  const { limit } = kept
  return {
    type: kept.type,
    retryAfterSeconds: kept.retryAfterSeconds,
    limit: {
      ...limit,
      limit: BigInt(limit.limit),
      used: BigInt(limit.used),
      held: BigInt(limit.held),
      needed: BigInt(limit.needed),
      clearsAt: limit.clearsAt && new Date(limit.clearsAt),
    },
  }
}

/** What the hold call remarks of a call that passed. */
export interface RemarkRow {
  observed: LimitRow[] | null
  gate?: { gate: string; until: string | null }
}

/** With the budgets over all accounts that only observe. */
export function remarkOf(
  row: RemarkRow | null,
  budgets: LimitRow[]
): { observed?: ExceededLimit[]; waiting?: Waiting } {
  if (!row && budgets.length === 0) return {}
  const observed = [...(row?.observed ?? []), ...budgets]
  return {
    ...(observed.length > 0 && { observed: observed.map((one) => limitOf(one).limit) }),
    ...(row?.gate && {
      waiting: waitingAt(row.gate.gate, row.gate.until === null ? null : new Date(row.gate.until)),
    }),
  }
}

/** Whether a budget over all accounts refused. */
export function isPlatforms(row: RefusalRow): boolean {
  return row.type === 'limit_exceeded' && row.scope === 'platform'
}

function whichOf({ scope, scope_id: scopeId, measure, window }: LimitRow) {
  return { rule: ruleName({ scope, scopeId, measure, window }), scope, scopeId, measure, window }
}

function exceeded(row: LimitRow): Extract<Refusal, { type: 'limit_exceeded' }> {
  return { type: 'limit_exceeded', ...limitOf(row) }
}

function limitOf(row: LimitRow): { limit: ExceededLimit; retryAfterSeconds: number | null } {
  // What is more than all of a window fits into none.
  const isEver = row.window_end !== 'infinity' && BigInt(row.needed) <= BigInt(row.max)
  const clearsAt = isEver ? new Date(row.window_end) : null
  const wait = clearsAt ? clearsAt.getTime() - new Date(row.at).getTime() : null
  return {
    retryAfterSeconds: wait === null ? null : Math.max(1, Math.ceil(wait / 1000)),
    limit: {
      ...whichOf(row),
      limit: BigInt(row.max),
      used: BigInt(row.used),
      held: BigInt(row.held),
      needed: BigInt(row.needed),
      clearsAt,
    },
  }
}
