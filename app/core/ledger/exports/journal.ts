import { Credits, Usd } from '../credits.js'
import type { BooksSnapshot, Period, Posting, RecordedLoss } from '../evidence/books.js'
import type { EntryKind } from '../types.js'

/**
 * The account that each kind of entry is booked against, seen from the platform, which owes its
 * customers what they have not used. A new kind of entry needs its line here.
 */
const COUNTERPARTS: Record<EntryKind, (posting: Posting) => string> = {
  grant: ({ grantKind }) => `equity:grants:${grantKind ?? 'unknown'}`,
  consume: () => 'revenue:usage',
  expire: () => 'revenue:expired',
  refund: () => 'revenue:refunds',
  correct: () => 'equity:corrections',
  claw_back: () => 'equity:claw-backs',
  // Out of a grant and into the debt, or out of one account and into another: over all they are zero.
  repay: () => 'equity:repayments',
  transfer_out: () => 'equity:transfers',
  transfer_in: () => 'equity:transfers',
}

/** Where an entry goes whose kind has no line above: it is never left out. */
const UNCLASSIFIED = 'equity:unclassified'
const OPENING = 'equity:opening balances'
const FORGONE = 'revenue:not charged'

/**
 * The books in double entry, as hledger reads them: each transaction sums to zero, and asserts the
 * balance that the ledger stored with the entry. Dates are of UTC. Losses are what the platform did
 * without; they move nobody's credits. With a `from`, accounts open with what they had then.
 */
export async function* journal(snapshot: BooksSnapshot, period: Period): AsyncGenerator<string> {
  yield `; Ledger of ${snapshot.time.toISOString()}, ${scopeOf(period)}\n`
  yield 'decimal-mark .\ncommodity 1.000000 CR\n'
  let account = ''
  const declared = new Set<string>()
  for await (const posting of snapshot.postings(period)) {
    if (posting.accountId !== account) {
      yield `\naccount ${owedTo(posting.accountId)}\n`
      if (balanceBefore(posting) !== 0n) {
        yield* declaration(OPENING, declared)
        yield opening(posting)
      }
    }
    account = posting.accountId
    yield* declaration(counterpartOf(posting), declared)
    yield transaction(posting)
  }
  for await (const loss of snapshot.losses(period)) {
    yield* declaration(lossAccount(loss), declared)
    yield* declaration(FORGONE, declared)
    yield lossTransaction(loss)
  }
}

/** So that `hledger check --strict` passes: each name once. */
function* declaration(name: string, declared: Set<string>) {
  if (!declared.has(name)) yield `\naccount ${name}\n`
  declared.add(name)
}

function transaction(posting: Posting): string {
  const { kind, seq, ref, holdId, grantId, actor, hash, amountMicro } = posting
  const tags = { seq, grant: grantId, hold: holdId, actor, hash }
  return [
    `\n${dayOf(posting.createdAtMicros)} (${seq}) ${plain([kind, ref].filter(Boolean).join(' '))}`,
    `    ; ${tagged(tags)}`,
    `    ${owedTo(posting.accountId)}  ${credits(-amountMicro)} = ${credits(-posting.balanceAfterMicro)}`,
    `    ${counterpartOf(posting)}  ${credits(amountMicro)}\n`,
  ].join('\n')
}

/** What the account had before the first entry of the period. */
function opening(posting: Posting): string {
  const before = balanceBefore(posting)
  return [
    `\n${dayOf(posting.createdAtMicros)} opening balance of ${plain(posting.accountId)}`,
    `    ${owedTo(posting.accountId)}  ${credits(-before)}`,
    `    ${OPENING}  ${credits(before)}\n`,
  ].join('\n')
}

function balanceBefore({ amountMicro, balanceAfterMicro }: Posting): bigint {
  return balanceAfterMicro - amountMicro
}

function lossTransaction(loss: RecordedLoss): string {
  const { accountId: account, jobId: job, attempt, assumed, priceMicro } = loss
  const vendor = Usd.fromMicro(loss.vendorCostMicroUsd)
  const tags = { account, job, attempt, vendor_cost_usd: vendor, assumed }
  return [
    `\n${dayOf(loss.createdAtMicros)} loss ${plain(loss.kind)}`,
    `    ; ${tagged(tags)}`,
    `    ${lossAccount(loss)}  ${credits(priceMicro)}`,
    `    ${FORGONE}  ${credits(-priceMicro)}\n`,
  ].join('\n')
}

function lossAccount({ kind }: RecordedLoss): string {
  return `expenses:losses:${plain(kind)}`
}

function counterpartOf(posting: Posting): string {
  const { kind } = posting
  // The database may know kinds that this code does not.
  const known = Object.hasOwn(COUNTERPARTS, kind) ? COUNTERPARTS[kind as EntryKind] : null
  return plain(known ? known(posting) : `${UNCLASSIFIED}:${kind}`)
}

function owedTo(accountId: string): string {
  return `liabilities:credits:${plain(accountId)}`
}

function credits(micro: bigint): string {
  return `${Credits.fromMicro(micro)} CR`
}

function dayOf(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString().slice(0, 10)
}

function tagged(tags: Record<string, unknown>): string {
  const known = Object.entries(tags).filter(([, value]) => value !== null)
  return known
    .map(([name, value]) => `${name}:${plain(String(value)).replaceAll(',', ' ')}`)
    .join(', ')
}

/** Without what means something to hledger: the end of a line, of a name, of a description. */
function plain(text: string): string {
  return text.replaceAll(/[;|=()\s\p{Cc}]+/gu, ' ').trim()
}

function scopeOf({ accountId, from, to }: Period): string {
  const whose = accountId ? `account ${accountId}` : 'all accounts'
  const times = [from && `from ${from.toISOString()}`, to && `before ${to.toISOString()}`]
  return [whose, ...times.filter(Boolean)].join(', ')
}
