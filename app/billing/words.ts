import type { Credits } from '#core/ledger/credits'
import type { LedgerRefusal, RefundResult } from '#core/ledger/types'

/** Why credits were not moved, and what to do about it, for an operator. */
export function movementRefusalText(refusal: LedgerRefusal): string {
  switch (refusal.type) {
    case 'hold_missing':
      return 'There is no such hold in this organisation.'
    case 'hold_not_settled':
      return refusal.state === 'held'
        ? 'It is not finished, so nothing was charged yet. Wait for its end, or cancel it.'
        : 'Nothing was charged for it, so there is nothing to give back.'
    case 'refund_exceeds_cost': {
      const left = refusal.cost.minus(refusal.refunded)
      return left.isZero
        ? `All of the ${refusal.cost} credits that were charged are refunded already.`
        : `At most ${left} credits can be refunded: ${refusal.cost} were charged, ${refusal.refunded} are refunded already.`
    }
    case 'insufficient_credits':
      return `Only ${refusal.available} credits are available, and ${refusal.held} are held for open jobs. Take at most what is available.`
    case 'grant_missing':
      return 'There is no such grant in this organisation.'
    case 'account_closed':
      return 'The account is closed and takes no credits. Reopen it first.'
    case 'reference_reused':
      return 'This reference was used for another movement. Use a new one.'
  }
}

/** What came of a refund, for an operator. */
export function refundText(
  amount: Credits,
  result: Exclude<RefundResult, { outcome: 'refused' }>
): string {
  if (result.outcome === 'exists') return 'This refund was booked before. Nothing was added.'
  const done = `${amount} credits refunded.`
  if (result.expired.isZero) return done
  return `${done} ${result.expired} of them came from credits that had lived on once already, and expired at once.`
}
