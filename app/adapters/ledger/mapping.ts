import { Credits } from '#core/ledger/credits'
import type {
  Entry,
  EntryKind,
  GrantKind,
  Hold,
  HoldState,
  LedgerRefusal,
  Loss,
  LossKind,
} from '#core/ledger/types'

export interface EntryRow {
  seq: bigint
  kind: EntryKind
  amount_micro: bigint
  balance_after_micro: bigint
  grant_id: string | null
  hold_id: string | null
  ref: string | null
  actor: string
  reason: string | null
  created_at: Date
}

interface SliceRow {
  grant: string
  kind: GrantKind
  priority: number
  expires_at: string | null
  amount: string
}

export interface HoldRow {
  id: string
  amount_micro: bigint
  state: HoldState
  cost_micro: bigint | null
  drawn: SliceRow[] | null
  price_pins: Record<string, unknown>
  expires_at: Date
  resolved_at: Date | null
}

export function entryOf(row: EntryRow): Entry {
  return {
    seq: row.seq,
    kind: row.kind,
    amount: Credits.fromMicro(row.amount_micro),
    balanceAfter: Credits.fromMicro(row.balance_after_micro),
    grantId: row.grant_id,
    holdId: row.hold_id,
    ref: row.ref,
    actor: row.actor,
    reason: row.reason,
    createdAt: row.created_at,
  }
}

export function holdOf(row: HoldRow): Hold {
  return {
    id: row.id,
    amount: Credits.fromMicro(row.amount_micro),
    state: row.state,
    cost: row.cost_micro === null ? null : Credits.fromMicro(row.cost_micro),
    slices: (row.drawn ?? []).map((slice) => ({
      grantId: slice.grant,
      kind: slice.kind,
      priority: slice.priority,
      expiresAt: slice.expires_at ? new Date(slice.expires_at) : null,
      amount: Credits.fromMicro(slice.amount),
    })),
    pricePins: row.price_pins,
    expiresAt: row.expires_at,
    resolvedAt: row.resolved_at,
  }
}

/** A refusal as `ledger_refuse` writes it, with amounts as decimal integers. */
export type LedgerRefusalRow =
  | { type: 'hold_not_settled'; state: HoldState }
  | { type: 'refund_exceeds_cost'; cost: string; refunded: string }
  | { type: 'insufficient_credits'; needed: string; available: string; held: string }
  | { type: 'hold_missing' | 'grant_missing' | 'account_closed' | 'reference_reused' }

export function ledgerRefusalOf(row: LedgerRefusalRow): LedgerRefusal {
  switch (row.type) {
    case 'refund_exceeds_cost':
      return {
        type: row.type,
        cost: Credits.fromMicro(row.cost),
        refunded: Credits.fromMicro(row.refunded),
      }
    case 'insufficient_credits':
      return {
        type: row.type,
        needed: Credits.fromMicro(row.needed),
        available: Credits.fromMicro(row.available),
        held: Credits.fromMicro(row.held),
      }
    default:
      return row
  }
}

export interface LossRow {
  account_id: string
  job_id: string
  attempt: number
  kind: LossKind
  price_micro: bigint
  vendor_cost_micro_usd: bigint
  assumed: boolean
  created_at: Date
}

export function lossOf(row: LossRow): Loss {
  return {
    accountId: row.account_id,
    jobId: row.job_id,
    attempt: row.attempt,
    kind: row.kind,
    price: Credits.fromMicro(row.price_micro),
    vendorCostMicroUsd: row.vendor_cost_micro_usd,
    assumed: row.assumed,
    createdAt: row.created_at,
  }
}
