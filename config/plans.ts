import { Credits } from '#core/ledger/credits'
import type { Plan } from '#core/plans/plan'

/** The plans that organisations can be on. Never rename an id: accounts are on it by that. */
export default [
  {
    id: 'free',
    name: 'Free',
    credits: Credits.parse('25'),
    period: 'month',
    rollover: 'none',
    free: true,
    kind: 'cycle',
    priority: 20,
  },
  {
    id: 'studio',
    name: 'Studio',
    credits: Credits.parse('500'),
    period: 'month',
    rollover: Credits.parse('250'),
    free: false,
    kind: 'cycle',
    priority: 20,
  },
  {
    id: 'enterprise',
    name: 'Enterprise',
    credits: Credits.parse('5000'),
    period: 'month',
    rollover: 'all',
    free: false,
    kind: 'cycle',
    priority: 20,
  },
] satisfies Plan[]
