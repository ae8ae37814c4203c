import type { Credits } from '../ledger/credits.js'
import type { Actor } from '../ledger/types.js'
import type { Plan } from './plan.js'

/** The plan of an account as it stands. */
export interface PlanState {
  /** `null` when the configuration has it no more: nothing is granted until the account gets another. */
  plan: Plan | null
  planId: string
  /** Where its periods begin. */
  anchor: Date
  /** When the next credits are due. In the past while a run is late. */
  nextAt: Date
  /** Of the period that `nextAt` begins, from 0. */
  nextOrdinal: bigint
}

export interface PlanChoice {
  accountId: string
  /** The id of the plan, or `null` for none. */
  plan: string | null
  actor: Actor
  reason: string
  /** Unique per account: a repeat changes nothing. */
  reference: string
  /** Begin a new row of periods now, with credits now, instead of going on with the one before. */
  restart?: boolean
  /** Where the periods begin, for a plan that is not free. Not with `restart`. */
  anchor?: Date
}

export interface PlanChange {
  /** `null`: on none from then on. */
  planId: string | null
  anchor: Date | null
  actor: Actor
  reason: string
  createdAt: Date
}

/** One part of what a period grants. There are two where a part of it may be carried over. */
export interface ResetPart {
  ordinal: bigint
  startsAt: Date
  endsAt: Date
  amount: Credits
  expiresAt: Date | null
  /** `exists`: it was granted before. `over`: the run was so late that it would have expired. */
  outcome: 'granted' | 'exists' | 'over'
}

export interface ResetResult {
  accountId: string
  /** `unknown_plan`: the configuration has it no more. `no_plan`, `closed`: nothing is due, ever. */
  outcome: 'reset' | 'no_plan' | 'closed' | 'unknown_plan'
  planId: string | null
  parts: ResetPart[]
}

/**
 * Plans: credits that come with each period.
 *
 * Exactly one grant per period, whatever runs late, twice or at once: its key is the account, the
 * plan's anchor and the period's number, never a local date. Periods are counted from the anchor on
 * the calendar of the account's time zone: one anchored on the 31st begins on the last day of
 * shorter months, and the hour stays the same on the clocks of the zone.
 *
 * Not promised: that credits come at the very instant a period begins. What expires does.
 */
export abstract class Plans {
  /** The plans there are to choose from. */
  abstract readonly all: Plan[]

  /** `null` when the account is on none. */
  abstract state(accountId: string): Promise<PlanState | null>

  /**
   * Puts an account on a plan or on none. Grants nothing by itself: a reset does.
   * @throws E_PLAN_UNKNOWN when there is no such plan.
   */
  abstract choose(choice: PlanChoice): Promise<'changed' | 'unchanged' | 'exists'>

  /** Who chose which plan and why, newest first. */
  abstract changes(accountId: string, limit: number): Promise<PlanChange[]>

  /** Accounts whose next credits are due at `at` (now by their own clocks without it), by id. */
  abstract due(page: { limit: number; after?: string; at?: Date }): Promise<string[]>

  /**
   * Grants what is due, once, up to `at` and never beyond now. Missed periods are granted in order;
   * what of them would have expired meanwhile is left out. `dry` only tells, and may look ahead.
   */
  abstract reset(accountId: string, options?: { at?: Date; dry?: boolean }): Promise<ResetResult>
}

/** A plan that the configuration does not have. */
export class UnknownPlanFault extends Error {
  readonly code = 'E_PLAN_UNKNOWN'

  constructor(id: string, known: Plan[]) {
    super(`There is no plan "${id}". Use one of: ${known.map((plan) => plan.id).join(', ')}.`)
    this.name = 'UnknownPlanFault'
  }
}
