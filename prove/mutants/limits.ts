import type { Mutant } from '../proof.js'
import { HOLD, GATES, BUDGETS, RESOLVE, gone } from './sources.js'

/** Limits, budgets over all accounts, and those who wait. */
export const LIMITS: Mutant[] = [
  // Limits
  {
    name: 'no-limit',
    killedBy: 'overspend',
    why: 'No cap binds.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if false then'
      ),
    ],
  },
  {
    name: 'limit-forgets-held',
    killedBy: 'ledger',
    why: 'What open holds may still use is not counted.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if state.used + state.waiting + state.needed > state.max then'
      ),
    ],
  },
  {
    name: 'limit-forgets-the-call-before',
    killedBy: 'overspend',
    why: 'Of holds that are taken together, each finds the room that the one before has taken.',
    texts: [gone(HOLD, 'for i in before + 1 .. cardinality(counted) loop', 'for i in 1 .. 0 loop')],
  },
  {
    name: 'budget-without-lock',
    killedBy: 'overspend',
    why: 'Two accounts at once lease what is left of a budget, sooner with a moment in between.',
    texts: [
      gone(
        BUDGETS,
        'if over.id is not null then',
        'perform pg_sleep(0.003); if over.id is not null then'
      ),
      gone(
        BUDGETS,
        `from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l)
  order by b.id, b.measure, b."window" for update;`,
        `from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l);`
      ),
    ],
  },
  {
    name: 'budget-that-gives-all',
    killedBy: 'overspend',
    why: 'More of a budget is leased than there is.',
    texts: [gone(BUDGETS, 'continue when want.lacking <= want.max - want.leased;', 'continue;')],
  },
  {
    name: 'lease-arrives-without-lock',
    killedBy: 'overspend',
    why: 'What comes to an account writes over what its calls take meanwhile.',
    texts: [gone(BUDGETS, 'perform from accounts a where a.id = account for update;')],
  },
  {
    name: 'lease-for-each-of-a-call',
    killedBy: 'overspend',
    why: 'Of holds that are taken together, each has the whole lease of its account.',
    texts: [
      gone(BUDGETS, 'coalesce(e.held, k.held) as held', 'k.held'),
      gone(BUDGETS, 'coalesce(e.used, k.used) as used', 'k.used'),
    ],
  },
  {
    name: 'lease-given-back-and-kept',
    killedBy: 'overspend',
    why: 'An account goes on with what it has given back.',
    texts: [gone(BUDGETS, 'set max = c.max - i.amount', 'set max = c.max')],
  },
  {
    name: 'counter-never-returns',
    killedBy: 'ledger',
    why: 'A cap stays taken when its job has ended.',
    texts: [gone(RESOLVE, 'held = c.held - n.held,', 'held = c.held,')],
  },
  {
    name: 'counter-of-any-window',
    killedBy: 'ledger',
    why: 'The end of a job of yesterday counts today.',
    texts: [gone(RESOLVE, ' and c.window_start = n.window_start')],
  },

  {
    name: 'passes-who-waits',
    killedBy: 'ledger',
    why: 'Who comes later passes those who wait for a limit.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if state.held + state.used + state.needed > state.max then'
      ),
    ],
  },
  {
    name: 'let-go-without-room',
    killedBy: 'ledger',
    why: 'What waits for a limit is let go though it has no room.',
    texts: [
      gone(GATES, 'if state.held + state.used + state.needed > state.max then', 'if false then'),
    ],
  },
  {
    name: 'waits-after-its-end',
    killedBy: 'ledger',
    why: 'What ended while it waited for a limit keeps its place in the line.',
    texts: [
      gone(
        RESOLVE,
        'perform ledger_leave_gates(h) from holds h where h.account_id = account_ids[k] and h.id = hold_ids[k];',
        'null;'
      ),
    ],
  },
  {
    name: 'observes-and-refuses',
    killedBy: 'ledger',
    why: 'A limit that only observes refuses.',
    texts: [gone(HOLD, "if state.on_exceed = 'observe' then", 'if false then')],
  },
]
