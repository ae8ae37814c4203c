import { Credits } from '#core/ledger/credits'
import type { Plan } from '#core/plans/plan'

const plan = (id: string, options: Partial<Plan> = {}): Plan => ({
  id,
  name: `The ${id} plan`,
  credits: Credits.parse('100'),
  period: 'month',
  rollover: 'none',
  free: false,
  kind: 'cycle',
  priority: 20,
  ...options,
})

/** What the suites put accounts on. */
export const PLANS: Plan[] = [
  plan('free', { credits: Credits.parse('10'), free: true }),
  plan('plain'),
  plan('large', { credits: Credits.parse('500') }),
  plan('capped', { rollover: Credits.parse('30') }),
  plan('deep', { rollover: Credits.parse('250') }),
  plan('even', { rollover: Credits.parse('100') }),
  plan('all', { rollover: 'all' }),
  plan('daily', { period: 'day' }),
  plan('weekly', { period: 'week' }),
]
