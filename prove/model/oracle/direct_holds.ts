import type { Micros } from '../windows.js'
import type { HoldEnd } from './facts.js'
import { endHold, judgeHold, takeHold, type Asked, type Refusal } from './holding.js'
import type { Oracle } from './oracle.js'

export interface DirectHold {
  id: string
  key: string | null
  expiresAt: Micros
}

export interface OpenRequest extends Asked {
  account: string
  id: string
  key: string | null
  hash: string
  expiresAt: Micros
}

export type OpenAnswer =
  { outcome: 'held' | 'exists' | 'conflict'; id: string } | { outcome: 'refused'; refusal: Refusal }

export type DirectEnd =
  | { outcome: 'now' | 'resolved'; state: string }
  | { outcome: 'too_much'; held: bigint }
  | { outcome: 'open' | 'missing' }

/** Holds for work that callers meter themselves. */
export class DirectHolds {
  constructor(private readonly oracle: Oracle) {}

  open({ id, key, hash, expiresAt, ...asked }: OpenRequest): OpenAnswer {
    const account = this.oracle.of(asked.account)
    const known = key === null ? undefined : account.keys.get(key)
    if (known) {
      const isSame = known.hash === hash && account.directHolds.has(known.names)
      return { outcome: isSame ? 'exists' : 'conflict', id: known.names }
    }
    const at = account.clock(this.oracle.now)
    const judged = judgeHold(account, asked, at)
    if ('type' in judged) return { outcome: 'refused', refusal: judged }
    takeHold(account, { id, amount: asked.amount, at }, judged)
    if (key !== null) account.keys.set(key, { hash, names: id })
    account.directHolds.set(id, { id, key, expiresAt })
    return { outcome: 'held', id }
  }

  /** As its caller says, or as its time does: late, it can only expire. */
  end(accountId: string, id: string, wanted: HoldEnd, cost = 0n): DirectEnd {
    const account = this.oracle.of(accountId)
    const about = account.directHolds.get(id)
    const hold = account.holds.get(id)
    if (!about || !hold) return { outcome: 'missing' }
    if (hold.state !== 'held') return { outcome: 'resolved', state: hold.state }
    const isLate = about.expiresAt <= this.oracle.now
    if (wanted === 'expired' && !isLate) return { outcome: 'open' }
    if (wanted === 'settled' && !isLate && cost > hold.amount) {
      return { outcome: 'too_much', held: hold.amount }
    }
    const state = isLate ? 'expired' : wanted
    const at = account.clock(this.oracle.now)
    const charged = endHold(account, hold, { state, cost, keepsExpired: false }, at)
    if (state === 'settled') account.addUsage(id, 1, 'succeeded', charged)
    return { outcome: state === wanted ? 'now' : 'resolved', state }
  }

  /** Open ones whose time has passed. */
  due(): { account: string; id: string }[] {
    return [...this.oracle.accounts.values()].flatMap(({ id: account, directHolds, holds }) =>
      [...directHolds.values()]
        .filter(({ id, expiresAt }) => {
          return holds.get(id)!.state === 'held' && expiresAt <= this.oracle.now
        })
        .map(({ id }) => ({ account, id }))
    )
  }
}
