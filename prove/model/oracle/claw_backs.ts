import type { Micros } from '../windows.js'
import { HOURS_72, type Account } from './account.js'
import { least, sum, type Grant, type Part } from './facts.js'
import type { Oracle } from './oracle.js'

/** How the seller's books stand on what a grant was bought with. */
export interface BooksState {
  charged: bigint
  refunded: bigint
  disputed: bigint
  asOf: Micros
}

export interface ClawBack extends BooksState {
  booked: bigint
  /** In the order in which it was taken. */
  taken: Part[]
  /** How often something was booked. */
  revision: number
}

export type ClawBackAnswer =
  | { outcome: 'booked' | 'unchanged'; moved: bigint; booked: bigint }
  | { outcome: 'stale'; booked: bigint }
  | { outcome: 'grant_missing' }

/** Books the difference to what the newest state of the books asks for. */
export function clawBack(
  oracle: Oracle,
  { account: id, ref, ...books }: BooksState & { account: string; ref: string }
): ClawBackAnswer {
  const account = oracle.of(id)
  const bought = account.grantBy(ref)
  if (!bought) return { outcome: 'grant_missing' }
  const known = account.clawBacks.get(bought.id)
  if (known && known.asOf > books.asOf) return { outcome: 'stale', booked: known.booked }

  const state: ClawBack = {
    ...(known ?? { booked: 0n, taken: [], revision: 0 }),
    ...books,
  }
  const target = targetOf(bought.amount, books)
  const step = target - state.booked
  account.clawBacks.set(bought.id, state)
  state.booked = target
  if (step === 0n) return { outcome: 'unchanged', moved: 0n, booked: target }

  state.revision++
  const at = account.clock(oracle.now)
  account.expireDue(at)
  if (step > 0n) state.taken.push(...take(account, bought, step, at))
  else giveBack(account, bought, state, { amount: -step, at })
  return { outcome: 'booked', moved: -step, booked: target }
}

/** ceil(grant × min(1, (refunded + disputed) / charged)) */
function targetOf(grant: bigint, { charged, refunded, disputed }: BooksState): bigint {
  return (grant * least(charged, refunded + disputed) + charged - 1n) / charged
}

/** From the grant, from what was refunded out of it, from the others; the rest is owed. */
function take(account: Account, bought: Grant, wanted: bigint, at: Micros): Part[] {
  const order = account.inDrawOrder()
  const rank = ({ id, parent }: Grant) => (id === bought.id ? 0 : parent === bought.id ? 1 : 2)
  const parts = account.draw(
    { kind: 'claw_back', at },
    wanted,
    [0, 1, 2].flatMap((first) => order.filter((grant) => rank(grant) === first))
  )
  const owed = wanted - sum(parts.map(([, amount]) => amount))
  if (owed > 0n) {
    account.move({ kind: 'claw_back', at }, [null, -owed])
    parts.push([null, owed])
  }
  return parts
}

/**
 * Back to where it was taken from, the part that was taken last first. What was owed and has been
 * repaid comes back as a refund grant.
 */
function giveBack(
  account: Account,
  bought: Grant,
  state: ClawBack,
  { amount, at }: { amount: bigint; at: Micros }
) {
  const returned = new Map<string | null, bigint>()
  for (let left = amount; left > 0n;) {
    const [grant, part] = state.taken.pop()!
    const back = least(left, part)
    left -= back
    if (back < part) state.taken.push([grant, part - back])
    returned.set(grant, (returned.get(grant) ?? 0n) + back)
  }

  const forgiven = returned.get(null) ?? 0n
  returned.delete(null)
  const repaid = forgiven > account.overdraft ? forgiven - account.overdraft : 0n
  // Its repayment is undone, so that what was owed can be.
  if (repaid > 0n) account.move({ kind: 'repay', at }, [null, -repaid])
  if (forgiven > 0n) account.move({ kind: 'claw_back', at }, [null, forgiven])
  if (repaid > 0n) {
    const { id, priority, only, expiresAt } = bought
    account.add(
      {
        id: `${id}:claw_back:${state.revision}`,
        ref: `claw_back:${id}:${state.revision}`,
        kind: 'refund',
        amount: repaid,
        priority,
        expiresAt: expiresAt === null ? null : Math.max(expiresAt, at + HOURS_72),
        parent: id,
        only,
      },
      at
    )
  }
  for (const part of returned) account.move({ kind: 'claw_back', at }, part)
  account.repay(at)
  account.endReturns([...returned], at, {
    source: 'returned',
    name: `claw_back:${bought.id}:${state.revision}`,
  })
}
