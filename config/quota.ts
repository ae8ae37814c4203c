import type { Budget } from '#core/quota/budgets'
import type { LimitRule } from '#core/quota/limit_rule'

/** What holds for an organisation that has no rule of its own (table `limit_rules`). */
export default [
  { scope: 'key', measure: 'requests', window: 'minute', limit: 60n, onExceed: 'refuse' },
  { scope: 'org', measure: 'requests', window: 'minute', limit: 300n, onExceed: 'refuse' },
] satisfies LimitRule[]

/**
 * What all organisations together may use, until an operator sets it otherwise:
 * `{ id: 'provider:acme', measure: 'credits', window: 'month', limit: 5_000_000_000n, onExceed: 'refuse' }`,
 * credits in millionths.
 */
export const budgets: Budget[] = []

/** Whose days and months the windows of those are. */
export const budgetZone = 'UTC'
