import type { LimitMeasure, LimitScope, LimitWindow } from './limit_rule.js'
import type { Credits } from '../ledger/credits.js'

/**
 * An expected "no". A value, never an exception: whoever asks must handle each.
 * Nothing was written and nothing is owed when one of these comes back.
 */
export type Refusal =
  | { type: 'insufficient_credits'; needed: Credits; available: Credits; held: Credits }
  | { type: 'max_credits_exceeded'; needed: Credits; limit: Credits }
  | { type: 'account_in_debt'; overdraft: Credits }
  | { type: 'account_closed' }
  | { type: 'key_revoked' }
  | { type: 'limit_exceeded'; limit: ExceededLimit; retryAfterSeconds: number | null }

/** The rule that said no, with its numbers, in units of the measure. */
export interface ExceededLimit {
  rule: string
  scope: LimitScope
  /** Whom of that scope it counted for: an id of the key, the member, … */
  scopeId: string
  measure: LimitMeasure
  window: LimitWindow
  limit: bigint
  used: bigint
  held: bigint
  needed: bigint
  /** When the window ends; `null` where time alone clears nothing. */
  clearsAt: Date | null
}
