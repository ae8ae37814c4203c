import { Credits } from '#core/ledger/credits'
import type { DirectHold } from '#core/ledger/direct_holds'

/** A hold as the API tells it. Amounts are decimal strings of credits. */
export function presentHold(hold: DirectHold) {
  const isOpen = hold.state === 'held'
  return {
    id: hold.id,
    object: 'hold',
    status: hold.state,
    amount: hold.amount,
    cost: hold.cost,
    returned: isOpen ? null : hold.amount.minus(hold.cost ?? Credits.zero),
    drawn: hold.slices.map(({ grantId, kind, priority, expiresAt, amount }) => ({
      grant: grantId,
      kind,
      priority,
      expires_at: expiresAt,
      amount,
    })),
    description: hold.description,
    metadata: hold.metadata,
    created_at: hold.createdAt,
    expires_at: hold.expiresAt,
    resolved_at: hold.resolvedAt,
  }
}
