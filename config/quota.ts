import type { LimitRule } from '#core/quota/limit_rule'

/** What holds for an organisation that has no rule of its own (table `limit_rules`). */
export default [
  { scope: 'key', measure: 'requests', window: 'minute', limit: 60n, onExceed: 'refuse' },
  { scope: 'org', measure: 'requests', window: 'minute', limit: 300n, onExceed: 'refuse' },
] satisfies LimitRule[]
