import { Credits } from '#core/ledger/credits'
import type {
  LimitMeasure,
  LimitScope,
  LimitState,
  LimitWindow,
  OnExceed,
  OwnRule,
} from '#core/quota/limit_rule'
import { countText, creditsText } from '#app/admin/format/amounts'

const SCOPES: Record<LimitScope, string> = {
  org: 'organisation',
  user: 'member',
  key: 'API key',
  end_user: 'end user',
  provider: 'provider',
  model: 'model',
  batch: 'batch',
  platform: 'platform',
}

interface Rule {
  scope: LimitScope
  /** Of a budget over all organisations: whose calls it counts. */
  scopeId?: string
  measure: LimitMeasure
  window: LimitWindow
  limit: bigint
}

/** What becomes of a call beyond a limit. */
export const BEYOND_TEXTS: Record<OnExceed, string> = {
  refuse: 'is refused',
  queue: 'waits for room',
  observe: 'passes, and is recorded',
}

/** A limit as a row of a table shows it. */
export interface LimitRow {
  subject: string
  rule: string
  used: string
  left: string
  /** Of the window, 0 to 100. */
  percent: number
  clearsAt: Date | null
}

export function scopeText(scope: LimitScope): string {
  return SCOPES[scope]
}

/** `300 requests per minute and organisation`. */
export function limitText({ scope, scopeId, measure, window, limit }: Rule): string {
  if (scope === 'platform' && scopeId) {
    return `${amountPer(measure, window, limit)} for ${budgetWhom(scopeId)}`
  }
  const per = window === 'total' ? 'in total for each' : `per ${window} and`
  return `${quantity(measure, limit)} ${measure} ${per} ${SCOPES[scope]}`
}

/** `5,000 credits per month`. */
export function amountPer(measure: LimitMeasure, window: LimitWindow, limit: bigint): string {
  return `${quantity(measure, limit)} ${measure} ${window === 'total' ? 'in total' : `per ${window}`}`
}

/** Whose calls a budget over all organisations counts. */
export function budgetWhom(id: string): string {
  const [what, ...name] = id.split(':')
  return what === 'all' ? 'everything' : `${what} ${name.join(':')}`
}

export function limitRow({
  scope,
  measure,
  window,
  limit,
  used,
  held,
  windowEnd,
}: LimitState): LimitRow {
  const taken = used + held
  const left = limit > taken ? limit - taken : 0n
  return {
    subject: SCOPES[scope],
    rule: amountPer(measure, window, limit),
    used: quantity(measure, taken),
    left: quantity(measure, left),
    percent: limit === 0n ? 100 : Math.min(100, Number((taken * 100n) / limit)),
    clearsAt: windowEnd,
  }
}

/** A rule as the page that changes it shows it. */
export function ruleRow(rule: OwnRule) {
  const { scope, scopeId, measure, window, limit, onExceed } = rule
  const whom = scope === 'org' ? 'the organisation' : `each ${SCOPES[scope]}`
  return {
    ...rule,
    rule: amountPer(measure, window, limit),
    beyond: BEYOND_TEXTS[onExceed],
    whom: scopeId === '*' ? whom : `${SCOPES[scope]} ${scopeId}`,
  }
}

/** An amount of a measure; micro-credits as credits. */
export function quantity(measure: LimitMeasure, amount: bigint): string {
  return measure === 'credits' ? creditsText(Credits.fromMicro(amount)) : countText(amount)
}
