import type { Micros } from '../windows.js'
import type { Account } from './account.js'
import {
  isExpired,
  least,
  type Grant,
  type Hold,
  type HoldEnd,
  type Part,
  type Slice,
} from './facts.js'
import { clearsAt, type Counted, type CounterState, type Measures } from './limits.js'

/** What is set aside, and for what; without a model and a kind, for work of the caller's own. */
export interface Asked extends Counted {
  amount: bigint
  model: string | null
  kind: string | null
}

export type Refusal =
  | { type: 'account_closed' | 'account_in_debt' | 'key_revoked' }
  | { type: 'insufficient_credits'; needed: bigint; available: bigint; held: bigint }
  /** Where several rules clear at the same time, each may be told. */
  | { type: 'limit_exceeded'; any: CounterState[] }

interface Passed {
  slices: Slice[]
  states: CounterState[]
  /** Those of the states that it has to wait for. */
  gates: CounterState[]
  /** Those that only observe, and would have refused it. */
  observed: CounterState[]
}

export interface End {
  state: HoldEnd
  cost: bigint
  measures?: Measures
  /** Whether what returns to an expired grant lives on. */
  keepsExpired: boolean
}

/**
 * What a hold would be refused with, or what it would take. Writes nothing. Its patience is how long
 * it may wait for limits that let it; without any it waits for none.
 */
export function judgeHold(
  account: Account,
  asked: Asked,
  at: Micros,
  patience: Micros | null = null
): Refusal | Passed {
  if (account.closed) return { type: 'account_closed' }
  if (account.overdraft > 0n) return { type: 'account_in_debt' }
  const states = account.limits.statesFor(asked, at, account.zone)
  const full = states.filter(
    ({ held, used, waiting, needed, max }) => held + used + waiting + needed > max
  )
  const observed = full.filter(({ beyond }) => beyond === 'observe')
  const gates = full.filter((state) => {
    if (state.beyond !== 'queue' || state.needed > state.max || patience === null) return false
    return patience > (clearsAt(state, account.zone) ?? at) - at
  })
  const over = full.filter((state) => !observed.includes(state) && !gates.includes(state))
  if (over.length > 0) {
    const last = Math.max(...over.map(({ window }) => window.end))
    return { type: 'limit_exceeded', any: over.filter(({ window }) => window.end === last) }
  }
  const slices: Slice[] = []
  let missing = asked.amount
  for (const grant of account.inDrawOrder()) {
    if (isExpired(grant, at) || !paysFor(grant, asked)) continue
    const part = least(missing, grant.remaining)
    if (part > 0n) slices.push([grant.id, part])
    missing -= part
  }
  if (missing === 0n) return { slices, states, gates, observed }
  const available = asked.amount - missing
  return {
    type: 'insufficient_credits',
    needed: asked.amount,
    available,
    held: account.held(),
  }
}

/** A grant that is restricted pays for what it names, and for no work of the caller's own. */
function paysFor({ only }: Grant, { model, kind }: Asked): boolean {
  if (!only) return true
  const names = (list: string[] | undefined, one: string | null) =>
    one !== null && list !== undefined && list.includes(one)
  return names(only.models, model) || names(only.kinds, kind)
}

export function takeHold(
  account: Account,
  { id, amount, at }: { id: string; amount: bigint; at: Micros },
  { slices, states, gates }: Passed
) {
  account.expireDue(at)
  for (const [name, part] of slices) {
    const grant = account.grantOf(name)
    grant.remaining -= part
    grant.held += part
  }
  const pins = account.limits.take(states, gates)
  const waits = gates.map(({ counter, needed }) => ({ counter, amount: needed }))
  account.holds.set(id, { id, amount, state: 'held', cost: null, slices, pins, gates: waits })
}

/** Ends a hold. The user pays at most the hold. Answers what was charged. */
export function endHold(account: Account, hold: Hold, end: End, at: Micros): bigint {
  const charged = end.state === 'settled' ? least(end.cost, hold.amount) : 0n
  let unpaid = charged
  const returned: Part[] = []
  for (const [name, part] of hold.slices) {
    const grant = account.grantOf(name)
    const paid = least(unpaid, part)
    unpaid -= paid
    grant.held -= part
    grant.remaining += part - paid
    returned.push([name, part - paid])
    if (paid > 0n) {
      account.write({ kind: 'consume', amount: -paid, grant: name, hold: hold.id, at })
    }
  }
  account.repay(at)
  const kept = end.keepsExpired ? { source: 'expired_hold', name: hold.id } : null
  account.endReturns(returned, at, kept)
  account.limits.leave(hold.gates)
  account.limits.giveBack(hold.pins, charged, end.measures)
  hold.state = end.state
  hold.cost = end.state === 'settled' ? charged : null
  return charged
}
