import type { Sql } from '#adapters/postgres/sql'
import type { Violation } from '#core/ledger/types'
import { Broken } from '../proof.js'
import { setClock } from '../harness/clock.js'
import type { Keepers } from '../harness/keepers.js'
import { Oracle } from './oracle/oracle.js'
import type { Random } from './random.js'
import { difference, linesIn, linesOf } from './state.js'
import { VERBS, type Operation } from './verbs.js'
import { accountOf, type Subject, type Verb } from './verbs/verb.js'
import type { Micros } from './windows.js'

/** Between two comparisons of all that is kept. An answer is compared at once. */
const CHECK_EVERY = 20

/** Before winters and summers of both halves of the world, a new year, and leap days. */
const BEGINNINGS = [
  '2026-03-28T20:00:00Z',
  '2026-10-24T20:00:00Z',
  '2026-11-01T03:00:00Z',
  '2026-04-04T10:00:00Z',
  '2026-09-26T10:00:00Z',
  '2018-11-03T22:00:00Z',
  '2026-12-31T09:00:00Z',
  '2028-02-28T09:00:00Z',
  '2027-02-28T09:00:00Z',
]
const HOUR: Micros = 3_600_000_000

/** How likely each verb is. */
export type Weights = Record<Operation['verb'], number>

export interface Stream {
  beginning: Micros
  /** How far the application's clock is ahead of the database's. */
  skew: Micros
  operations: Operation[]
}

/** What went wrong, and the calls that led to it. */
export class StreamBroken extends Broken {
  constructor(
    message: string,
    readonly stream: Stream
  ) {
    super(message)
  }
}

export const WEIGHTS = Object.fromEntries(
  Object.entries(VERBS).map(([verb, { weight }]) => [verb, weight])
) as Weights

/** Makes up operations and makes them, in the database and in the oracle, until they differ. */
export async function runStream(
  keepers: Keepers,
  {
    random,
    length,
    weights = WEIGHTS,
    heard = () => {},
  }: {
    random: Random
    length: number
    weights?: Weights
    /** Told of each verb, and how it was answered in a word. */
    heard?(verb: string, word: string): void
  }
): Promise<Stream> {
  const beginning = Date.parse(random.pick(BEGINNINGS)) * 1000
  const stream: Stream = { beginning, skew: random.pick([0, 0, HOUR, -HOUR]), operations: [] }
  const subject = await begin(keepers, stream)
  let names = 0
  const maker = {
    random,
    oracle: subject.oracle,
    name: (kind: string) => `${kind}_${++names}`,
  }
  while (stream.operations.length < length) {
    const verb = subject.oracle.accounts.size === 0 ? 'open' : random.weighted(weights)
    const made = VERBS[verb].make(maker)
    if (!made) continue
    const operation = { verb, ...made } as Operation
    stream.operations.push(operation)
    const isCheck = stream.operations.length % CHECK_EVERY === 0
    const problem =
      (await step(subject, operation, heard)) ??
      (isCheck || stream.operations.length === length ? await check(subject) : null)
    if (problem) throw new StreamBroken(problem, stream)
  }
  for (const { entries, grants } of subject.oracle.accounts.values()) {
    for (const { kind, grant } of entries) heard('entry', grant === null ? `${kind}_debt` : kind)
    for (const { ref } of grants) heard('grant_from', ref.split(':')[0])
  }
  return stream
}

/** Makes the operations of a stream again. Answers what is wrong, or `null`. */
export async function replay(keepers: Keepers, stream: Stream) {
  const subject = await begin(keepers, stream)
  for (const [n, operation] of stream.operations.entries()) {
    const problem =
      (await step(subject, operation)) ??
      ((n + 1) % CHECK_EVERY === 0 ? await check(subject) : null)
    if (problem) return problem
  }
  return check(subject)
}

async function begin(
  keepers: Keepers,
  { beginning, skew }: Omit<Stream, 'operations'>
): Promise<Subject> {
  await empty(keepers.sql)
  await setClock(keepers.sql, beginning)
  const oracle = new Oracle()
  oracle.now = beginning
  oracle.skew = skew
  return { keepers, oracle }
}

/** One call, in both. */
async function step(
  subject: Subject,
  operation: Operation,
  heard: (verb: string, word: string) => void = () => {}
): Promise<string | null> {
  const { oracle } = subject
  if (!applies(oracle, operation)) return null
  const verb = verbOf(operation)
  let said: unknown
  try {
    said = await verb.call(subject, operation)
  } catch (error) {
    return `${plain(operation)} threw ${error.code ?? ''} ${error.message}`
  }
  const expected = verb.judge(oracle, operation, said)
  heard(operation.verb, wordOf(said))
  if (plain(said) === plain(expected)) return null
  return `${plain(operation)} answered ${plain(said)}, but it should answer ${plain(expected)}`
}

/** All that is kept, and the invariants. */
async function check({ keepers, oracle }: Subject): Promise<string | null> {
  const different = difference(
    await linesIn(keepers.sql, { times: true }),
    linesOf(oracle, { times: true })
  )
  if (different) return `what is kept differs:\n${different}`
  const violations = await keepers.ledger.verify()
  const left = violations.filter((violation) => !isForTheSweeper(oracle, violation))
  return left.length > 0 ? `the books are wrong: ${plain(left)}` : null
}

/** The clock leaps past holds and transfers under way here, before any sweeper could have come. */
function isForTheSweeper(oracle: Oracle, { accountId, invariant, detail }: Violation): boolean {
  if (invariant === '8 no hold outlives its time') return true
  if (invariant !== '5 what goes out arrives') return false
  const [, ref] = /^transfer (\S+) to/.exec(detail)!
  return !oracle.of(accountId).transfers.get(ref)!.arrived
}

/** Which operation and which verb belong together is the table's promise. */
const verbOf = ({ verb }: Operation) => VERBS[verb] as unknown as Verb<Operation>

/** Whether what the operation is about is there; in a shorter stream it may not be. */
function applies(oracle: Oracle, operation: Operation): boolean {
  if (operation.verb === 'open') return true
  if ('account' in operation && !oracle.accounts.has(operation.account)) return false
  if ('job' in operation && operation.verb !== 'start') {
    const { job } = operation
    if (!oracle.accounts.get(accountOf(job))?.jobs.has(job)) return false
  }
  return verbOf(operation).applies?.(oracle, operation) ?? true
}

/** Rows are few: to delete them is quicker than to truncate so many tables. */
async function empty(sql: Sql) {
  await sql.rows(`do $$ begin ${TABLES.map((table) => `delete from ${table};`).join(' ')} end $$`)
}

const TABLES = [
  ...['grants', 'holds', 'entries', 'entry_notes', 'limit_rules', 'counters', 'losses'],
  ...['usage_events', 'idempotency_keys', 'jobs', 'lanes', 'job_events', 'generations', 'accounts'],
  ...['refunds', 'claw_backs', 'transfers', 'direct_holds'],
]

/** The first word of an answer. */
function wordOf(said: unknown): string {
  if (Array.isArray(said)) return said.length > 0 ? 'some' : 'none'
  const { outcome, said: inner } = Object(said) as { outcome?: unknown; said?: unknown }
  const text = String(outcome ?? inner ?? said)
  return / (waits|observed) /.exec(text)?.[1] ?? text.split(' ')[0]
}

export function plain(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  )
}
