import type { NewGrant } from './facts.js'
import type { Oracle } from './oracle.js'

export interface Transfer {
  direction: 'out' | 'in'
  peer: string
  grants: NewGrant[]
  debt: bigint
  arrived: boolean
}

export type SendAnswer = { outcome: 'sent' | 'exists' | 'empty' | 'reference_reused' }

/** All that is available, or the debt, goes; what open holds keep stays with them. */
export function send(
  oracle: Oracle,
  { account: id, to, ref }: { account: string; to: string; ref: string }
): SendAnswer {
  const account = oracle.of(id)
  const known = account.transfers.get(ref)
  if (known) {
    const isSame = known.direction === 'out' && known.peer === to
    return { outcome: isSame ? 'exists' : 'reference_reused' }
  }
  const at = account.clock(oracle.now)
  account.expireDue(at)
  const debt = account.overdraft
  if (account.available() === 0n && debt === 0n) return { outcome: 'empty' }
  const grants = account.inDrawOrder().map((grant) => ({ ...grant, amount: grant.remaining }))
  for (const { id: grant, amount } of grants) {
    account.move({ kind: 'transfer_out', at }, [grant, -amount])
  }
  if (debt > 0n) account.move({ kind: 'transfer_out', at }, [null, debt])
  account.transfers.set(ref, { direction: 'out', peer: to, grants, debt, arrived: false })
  return { outcome: 'sent' }
}

/** The other half. Grants arrive as they were, a debt as a debt; a closed account takes them, too. */
export function receive(
  oracle: Oracle,
  { from, ref }: { from: string; ref: string }
): 'received' | 'exists' | 'reference_reused' {
  const { peer, grants, debt } = oracle.of(from).transfers.get(ref)!
  const account = oracle.of(peer)
  const known = account.transfers.get(ref)
  if (known) {
    const isSame = known.direction === 'in' && known.peer === from
    return isSame ? 'exists' : 'reference_reused'
  }
  const at = account.clock(oracle.now)
  account.expireDue(at)
  account.transfers.set(ref, { direction: 'in', peer: from, grants, debt, arrived: false })
  for (const { id, kind, amount, priority, expiresAt, parent, only } of grants) {
    const name = { id: `${id}:${ref}`, ref: `transfer:${ref}:${id}` }
    account.add({ ...name, kind, amount, priority, expiresAt, parent, only }, at, 'transfer_in')
  }
  if (debt > 0n) account.move({ kind: 'transfer_in', at }, [null, -debt])
  account.repay(at)
  return 'received'
}

export function arrive(oracle: Oracle, { from, ref }: { from: string; ref: string }) {
  oracle.of(from).transfers.get(ref)!.arrived = true
}
