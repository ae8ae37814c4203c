import { Credits } from '#core/ledger/credits'
import type { Entry, EntryKind, GrantKind, Hold, HoldState } from '#core/ledger/types'

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

export interface HoldRow {
  id: string
  amount_micro: bigint
  state: HoldState
  cost_micro: bigint | null
  drawn: [string, GrantKind, string][] | null
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
    slices: (row.drawn ?? []).map(([grantId, kind, micro]) => ({
      grantId,
      kind,
      amount: Credits.fromMicro(micro),
    })),
    pricePins: row.price_pins,
    expiresAt: row.expires_at,
    resolvedAt: row.resolved_at,
  }
}
