import { randomBytes } from 'node:crypto'
import type {
  ClawBackRequest,
  CorrectionRequest,
  GrantRequest,
  RefundRequest,
} from '#core/ledger/types'
import { credits, finishRequest, running } from '../metered_jobs/requests.js'
import type { GrantRow, World } from '../metered_jobs/world.js'

type InCredits<Request> = Partial<Omit<Request, 'amount'>> & { amount: string }

/** A grant whose amount is a decimal. Answers its id. */
export async function granted(
  world: World,
  accountId: string,
  { amount, ...options }: InCredits<GrantRequest>
): Promise<string> {
  const { grantId } = await world.ledger.grant({
    accountId,
    kind: 'topup',
    amount: credits(amount),
    source: 'shop',
    sourceRef: newReference(),
    actor: 'system:shop',
    reason: 'bought',
    ...options,
  })
  return grantId
}

/** A job that cost something, at its end. Answers the id of its hold. */
export async function spent(world: World, accountId: string, cost: string, hold = cost) {
  const job = await running(world, accountId, { hold })
  await world.metered.finish(finishRequest(job, { cost }))
  return job.id
}

export function refundRequest(
  accountId: string,
  holdId: string,
  { amount, ...options }: InCredits<RefundRequest>
): RefundRequest {
  return {
    accountId,
    holdId,
    amount: credits(amount),
    reference: newReference(),
    actor: 'user:usr_a',
    reason: 'the picture was upside down',
    ...options,
  }
}

export function correction(
  accountId: string,
  { amount, ...options }: InCredits<CorrectionRequest>
): CorrectionRequest {
  return {
    accountId,
    amount: credits(amount),
    reference: newReference(),
    actor: 'user:usr_a',
    reason: 'counted twice',
    ...options,
  }
}

/** The books of order-1, paid with 1,000 cents, as they stand `second` seconds after it. */
export function books(
  accountId: string,
  { second = 1, ...options }: Partial<ClawBackRequest> & { second?: number } = {}
): ClawBackRequest {
  return {
    accountId,
    source: 'shop',
    sourceRef: 'order-1',
    charged: 1000n,
    refunded: 0n,
    disputed: 0n,
    asOf: new Date(Date.UTC(2030, 0, 1) + second * 1000),
    actor: 'system:shop',
    reason: 'the buyer has the money back',
    ...options,
  }
}

/** Puts an account without credits into debt: what it bought has expired, and its money goes back. */
export async function indebt(world: World, accountId: string, amount: string) {
  const sourceRef = newReference()
  const grantId = await granted(world, accountId, { amount, sourceRef })
  await world.endGrant(accountId, grantId)
  await world.ledger.clawBack(books(accountId, { sourceRef, refunded: 1000n }))
}

/** The ledger of an account as `kind amount`, oldest first; from an index on, as `slice` has it. */
export async function story(world: World, accountId: string, from = 0): Promise<string[]> {
  const entries = await world.ledger.entries(accountId, { limit: 100 })
  const told = entries.toReversed().map(({ kind, amount }) => `${kind} ${amount}`)
  return told.slice(from)
}

/** The refund grant that came out of another. */
export async function childOf(world: World, accountId: string, grantId: string): Promise<GrantRow> {
  const grants = await world.grants(accountId)
  return grants.find(({ parent }) => parent === grantId)!
}

/** Available, held and owed, as decimals. */
export async function bucketsOf(world: World, accountId: string): Promise<string[]> {
  const { available, held, overdraft } = await world.ledger.balance(accountId)
  return [available, held, overdraft].map(String)
}

/** What each grant has left, by id. */
export async function leftOf(world: World, accountId: string): Promise<Record<string, string>> {
  const grants = await world.grants(accountId)
  return Object.fromEntries(grants.map(({ id, remaining }) => [id, remaining]))
}

export function newReference(): string {
  return randomBytes(8).toString('hex')
}
