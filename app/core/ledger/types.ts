import type { Credits } from './credits.js'

/** Where a grant came from. Decides nothing about draw order: `priority` does. */
export type GrantKind = 'cycle' | 'topup' | 'promo' | 'admin' | 'refund'

export type EntryKind = 'grant' | 'consume' | 'expire'

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
