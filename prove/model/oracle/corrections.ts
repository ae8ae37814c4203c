import { isExpired, sum } from './facts.js'
import type { Oracle } from './oracle.js'

export type CorrectionAnswer =
  | { outcome: 'corrected' | 'exists' | 'account_closed' | 'reference_reused' }
  | { outcome: 'insufficient_credits'; needed: bigint; available: bigint; held: bigint }

/** A balance set right by hand: what is added is a grant, what is taken is never more than there is. */
export function correct(
  oracle: Oracle,
  {
    account: id,
    grant,
    ref,
    amount,
  }: { account: string; grant: string; ref: string; amount: bigint }
): CorrectionAnswer {
  const account = oracle.of(id)
  const known = account.corrections.get(ref)
  if (known !== undefined) return { outcome: known === amount ? 'exists' : 'reference_reused' }
  const at = account.clock(oracle.now)
  if (amount > 0n) {
    if (account.closed) return { outcome: 'account_closed' }
    const facts = { kind: 'admin', amount, priority: 50, expiresAt: null }
    account.add({ ...facts, id: grant, ref: `correction:${ref}` }, at)
    account.repay(at)
  } else {
    const live = account.grants.filter((one) => !isExpired(one, at))
    const available = sum(live.map(({ remaining }) => remaining))
    if (available < -amount) {
      return { outcome: 'insufficient_credits', needed: -amount, available, held: account.held() }
    }
    account.expireDue(at)
    account.draw({ kind: 'correct', at }, -amount)
  }
  account.corrections.set(ref, amount)
  return { outcome: 'corrected' }
}
