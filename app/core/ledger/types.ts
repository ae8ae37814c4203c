import type { Credits } from './credits.js'

export const GRANT_KINDS = ['cycle', 'topup', 'promo', 'admin', 'refund'] as const

/** Where a grant came from. Decides nothing about draw order: `priority` does. */
export type GrantKind = (typeof GRANT_KINDS)[number]

/** What moved credits. `repay` comes in pairs: out of a grant, into the debt. */
export type EntryKind =
  | 'grant'
  | 'consume'
  | 'expire'
  | 'refund'
  | 'correct'
  | 'claw_back'
  | 'repay'
  | 'transfer_out'
  | 'transfer_in'

export type HoldState = 'held' | 'settled' | 'released' | 'expired'

/** Who moved the credits: `user:usr_…`, `key:key_…`, `system:<what>`. Required for every movement. */
export type Actor = `user:${string}` | `key:${string}` | `system:${string}`

export interface GrantRequest {
  accountId: string
  kind: GrantKind
  /** Above zero. */
  amount: Credits
  /** The system the grant comes from, with its reference there. The pair is unique per account. */
  source: string
  sourceRef: string
  actor: Actor
  /** Why. Kept as an erasable note; only its digest enters the chain. */
  reason: string
  /** 0–100, drawn from low to high. Default 50. */
  priority?: number
  /** In the future; `null` never expires. */
  expiresAt?: Date | null
  /** What it may pay for; without it, anything. */
  restrictedTo?: GrantRestriction | null
}

/** A generation of any of these models, or of any of these kinds. */
export interface GrantRestriction {
  models?: string[]
  kinds?: string[]
}

export interface GrantResult {
  /** `exists` when the same (source, sourceRef) was granted before: nothing was added. */
  outcome: 'granted' | 'exists'
  grantId: string
  balance: Balance
}

export interface Balance {
  /** What a new hold can draw from. */
  available: Credits
  /** Set aside for open holds. */
  held: Credits
  /** Owed after a claw-back; every return of credits repays it first. */
  overdraft: Credits
}

export interface Entry {
  /** Gapless per account, from 1. */
  seq: bigint
  kind: EntryKind
  /** Signed: what came in is positive. */
  amount: Credits
  /** available + held − overdraft once this entry was written. */
  balanceAfter: Credits
  grantId: string | null
  holdId: string | null
  ref: string | null
  actor: string
  reason: string | null
  createdAt: Date
}

export interface Slice {
  grantId: string
  kind: GrantKind
  /** With the expiry, why it was drawn when it was. */
  priority: number
  expiresAt: Date | null
  amount: Credits
}

export interface Hold {
  id: string
  amount: Credits
  state: HoldState
  /** Set once settled, never above `amount`. */
  cost: Credits | null
  /** What was drawn from which grant, in draw order. */
  slices: Slice[]
  /** What it was priced with, as `StartRequest.pricePins` brought it. */
  pricePins: Record<string, unknown>
  expiresAt: Date
  resolvedAt: Date | null
}

export interface Violation {
  accountId: string
  /** The number and name of the invariant in `ledger/README.md`. */
  invariant: string
  detail: string
}

/** Who moves credits by hand or by an event, and why. */
interface Movement {
  accountId: string
  /** Unique per account and verb: a repeat changes nothing. At most 200 characters. */
  reference: string
  actor: Actor
  /** Why, not blank. Kept as an erasable note; only its digest enters the chain. */
  reason: string
}

export interface RefundRequest extends Movement {
  holdId: string
  /** Above zero. */
  amount: Credits
}

export interface CorrectionRequest extends Movement {
  /** Signed, not zero: above it credits are added, below it they are taken. */
  amount: Credits
}

/** How the seller's books stand on what a grant was bought with, in one unit of any currency. */
export interface ClawBackRequest {
  accountId: string
  /** The grant that was bought, by the pair it was granted with. */
  source: string
  sourceRef: string
  /** What was paid, above zero. */
  charged: bigint
  /** What the buyer has back for good. */
  refunded: bigint
  /** What is in dispute, or was lost in one. Zero once it is won. */
  disputed: bigint
  /** When the books stood like this, by their own clock. Older ones than the newest told are ignored. */
  asOf: Date
  actor: Actor
  reason: string
}

/** Why a verb said no. Nothing was written. */
export type LedgerRefusal =
  | { type: 'hold_missing' }
  | { type: 'hold_not_settled'; state: HoldState }
  | { type: 'refund_exceeds_cost'; cost: Credits; refunded: Credits }
  | { type: 'insufficient_credits'; needed: Credits; available: Credits; held: Credits }
  | { type: 'grant_missing' }
  | { type: 'account_closed' }
  /** The reference names another movement of this account. */
  | { type: 'reference_reused' }

interface Refused {
  outcome: 'refused'
  refusal: LedgerRefusal
}

export type RefundResult =
  | {
      outcome: 'refunded'
      /** The part that came back to a refund grant whose time had passed, and expired with it. */
      expired: Credits
    }
  /** Refunded before, with this reference, hold and amount. */
  | { outcome: 'exists' }
  | Refused

export type CorrectionResult = { outcome: 'corrected' } | { outcome: 'exists' } | Refused

export type ClawBackResult =
  | {
      outcome: 'booked' | 'unchanged'
      /** What the balance changed by: below zero what was taken, above it what came back. */
      moved: Credits
      /** All that is taken back for this grant now. */
      booked: Credits
    }
  /** A newer state was told before: nothing was written. */
  | { outcome: 'stale'; booked: Credits }
  | Refused

export type AccountState = 'open' | 'closed'

/** One half of a transfer, as the other half needs it. Goes through JSON unharmed. */
export interface Transfer {
  from: string
  to: string
  ref: string
  grants: Record<string, unknown>[]
  /** Micro-credits. */
  debt: string
  actor: string
  reason: string
}

export interface TransferRequest extends Movement {
  to: string
}

export type TransferResult =
  | { outcome: 'sent' | 'exists'; transfer: Transfer }
  /** There was nothing to move. */
  | { outcome: 'empty' }
  | Refused

/** What one grant had at an instant. */
export interface GrantBalance {
  grantId: string
  kind: GrantKind
  priority: number
  expiresAt: Date | null
  /** Zero once its time has passed. */
  available: Credits
  held: Credits
}

export interface PastBalance extends Balance {
  /** Those that had something then, in draw order. */
  grants: GrantBalance[]
}

/** What the platform ate: work beyond the hold, after its end, of unknown outcome, or given away. */
export type LossKind = 'overrun' | 'late' | 'unknown' | 'asset_lost' | 'goodwill'

export interface Loss {
  accountId: string
  jobId: string
  attempt: number
  kind: LossKind
  /** What the user would have paid. */
  price: Credits
  vendorCostMicroUsd: bigint
  /** The vendor did not say: it is what the price rule expects. */
  assumed: boolean
  createdAt: Date
}
