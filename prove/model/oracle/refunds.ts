import { least, sum, type HoldEnd, type Part } from './facts.js'
import type { Oracle } from './oracle.js'

export interface Refund {
  hold: string
  amount: bigint
}

export type RefundAnswer =
  | { outcome: 'refunded'; expired: bigint }
  | { outcome: 'exists' }
  | { outcome: 'hold_missing' | 'reference_reused' }
  | { outcome: 'hold_not_settled'; state: HoldEnd | 'held' }
  | { outcome: 'refund_exceeds_cost'; cost: bigint; refunded: bigint }

/** Gives back some of what a settled hold cost: the slice that was drawn last comes back first. */
export function refund(
  oracle: Oracle,
  { account: id, hold: holdId, ref, amount }: Refund & { account: string; ref: string }
): RefundAnswer {
  const account = oracle.of(id)
  const known = account.refunds.get(ref)
  if (known) {
    const isSame = known.hold === holdId && known.amount === amount
    return { outcome: isSame ? 'exists' : 'reference_reused' }
  }
  const hold = account.holds.get(holdId)
  if (!hold) return { outcome: 'hold_missing' }
  if (hold.state !== 'settled') return { outcome: 'hold_not_settled', state: hold.state }
  const cost = hold.cost!
  const earlier = [...account.refunds.values()].filter((one) => one.hold === holdId)
  const refunded = sum(earlier.map((one) => one.amount))
  if (refunded + amount > cost) return { outcome: 'refund_exceeds_cost', cost, refunded }

  const at = account.clock(oracle.now)
  account.expireDue(at)
  account.refunds.set(ref, { hold: holdId, amount })
  const parts: Part[] = []
  let over = refunded
  let left = amount
  for (const [grant, paid] of paidSlices(hold.slices, cost).reverse()) {
    const before = least(over, paid)
    over -= before
    const part = least(left, paid - before)
    left -= part
    if (part === 0n) continue
    account.move({ kind: 'refund', at, hold: holdId }, [grant, part])
    parts.push([grant, part])
  }
  account.repay(at)
  const before = account.available()
  account.endReturns(parts, at, { source: 'returned', name: `refund:${ref}` })
  return { outcome: 'refunded', expired: before - account.available() }
}

/** What a settlement took of each slice, in the order in which they were drawn. */
function paidSlices(slices: [string, bigint][], cost: bigint): [string, bigint][] {
  return slices.map(([grant, part]) => {
    const paid = least(cost, part)
    cost -= paid
    return [grant, paid]
  })
}
