import type { Credits } from './credits.js'
import type { Actor, HoldState, Slice } from './types.js'
import type { LimitRule } from '../quota/limit_rule.js'
import type { Refusal } from '../quota/refusal.js'

export interface DirectHoldRequest {
  accountId: string
  holdId: string
  /** Above zero. */
  amount: Credits
  /** After this many seconds, whole and above zero, the hold ends by itself. */
  expiresInSeconds: number
  /** Checked live inside the call, so that a revoked key never holds anything. */
  keyId: string | null
  userId: string | null
  limits: LimitRule[]
  description: string | null
  metadata: Record<string, string>
  idempotency: { key: string; requestHash: string } | null
}

export type DirectHoldResult =
  | { outcome: 'held'; holdId: string }
  /** The idempotency key was used before, with the same request. */
  | { outcome: 'exists'; holdId: string }
  /** The idempotency key was used before, for another hold or a generation. */
  | { outcome: 'conflict'; usedFor: string }
  | { outcome: 'refused'; refusal: Refusal }

export type DirectHoldEnd =
  | { outcome: 'now'; state: HoldState }
  /** It had ended before, or its time had passed; this is how. */
  | { outcome: 'resolved'; state: HoldState }
  /** The cost is above the hold: nothing was written. */
  | { outcome: 'too_much'; held: Credits }
  /** It was to expire, and its time has not come. */
  | { outcome: 'open' }
  | { outcome: 'missing' }

export interface DirectHold {
  accountId: string
  id: string
  state: HoldState
  amount: Credits
  /** Set once settled, never above `amount`. */
  cost: Credits | null
  /** What was drawn from which grant, in draw order. */
  slices: Slice[]
  description: string | null
  metadata: Record<string, string>
  createdAt: Date
  expiresAt: Date
  resolvedAt: Date | null
}

/**
 * Holds for work that the caller meters and settles itself: the same ledger, limits and draw order
 * as a generation's, without a job. Grants that are restricted to models or kinds do not pay for it.
 *
 * Every call is atomic and may be repeated. The first end of a hold is final. What a hold returns
 * to a grant whose time has passed expires with it: only the caller let it pass.
 */
export abstract class DirectHolds {
  /** Checks key, limits and credit, and holds. A refusal writes nothing. */
  abstract open(request: DirectHoldRequest): Promise<DirectHoldResult>

  /** Charges the cost, zero to the hold's amount, and returns the rest. Writes the usage event. */
  abstract settle(request: {
    accountId: string
    holdId: string
    cost: Credits
    actor: Actor
  }): Promise<DirectHoldEnd>

  /** Returns all of it. */
  abstract release(request: {
    accountId: string
    holdId: string
    actor: Actor
  }): Promise<DirectHoldEnd>

  /** `null` when the account has no such hold; a generation's is none. */
  abstract find(accountId: string, holdId: string): Promise<DirectHold | null>

  /** Returns a hold whose time has passed. Looks again after the lock; `open` when it has not. */
  abstract expire(ref: { accountId: string; holdId: string }): Promise<DirectHoldEnd>

  /** Open holds whose time has passed, the oldest first. */
  abstract due(limit: number): Promise<{ accountId: string; holdId: string }[]>
}
