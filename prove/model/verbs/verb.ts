import type { Keepers } from '../../harness/keepers.js'
import type { Account } from '../oracle/account.js'
import type { Oracle } from '../oracle/oracle.js'
import type { Random } from '../random.js'
import type { Micros } from '../windows.js'

/** The state of a stream: what is judged, and who judges. */
export interface Subject {
  keepers: Keepers
  oracle: Oracle
}

export interface Maker {
  random: Random
  oracle: Oracle
  /** A name that was not used before: `kind_7`. */
  name(kind: string): string
}

export interface Verb<Op> {
  /** How likely it is. */
  weight: number
  /** `null` where there is nothing to do it to. */
  make(maker: Maker): Omit<Op, 'verb'> | null
  /** Whether what it is about is there; in a shorter stream it may not be. */
  applies?(oracle: Oracle, operation: Op): boolean
  call(subject: Subject, operation: Op): Promise<unknown>
  /** The answer that the oracle gives, having seen the other's where that is free to choose. */
  judge(oracle: Oracle, operation: Op, answer: any): unknown
}

/** A verb for each operation of a family. */
export type Verbs<Op extends { verb: string }> = {
  [Name in Op['verb']]: Verb<Extract<Op, { verb: Name }>>
}

export const SECOND: Micros = 1_000_000
export const HOUR = 3600 * SECOND
export const DAY = 24 * HOUR
export const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'America/Sao_Paulo'],
]
export const MODELS = ['acme/painter', 'acme/filmer']
export const AMOUNTS = [1n, 999_999n, 1_000_000n, 1_500_000n, 2_250_000n, 4_000_001n]

export function dateOf(at: Micros): Date {
  return new Date(at / 1000)
}

/** Jobs and holds say whose they are: `job_0_7` is of `org_0`. */
export function accountOf(id: string): string {
  return `org_${id.split('_')[1]}`
}

/** A name for a job or hold of an account. */
export function nameOf(maker: Pick<Maker, 'name'>, kind: string, account: Account): string {
  return maker.name(account.id.replace('org', kind))
}

export function anyAccount({ random, oracle }: Pick<Maker, 'random' | 'oracle'>): Account | null {
  const accounts = [...oracle.accounts.values()]
  return accounts.length > 0 ? random.pick(accounts) : null
}

/** An idempotency key and what was asked with it: often none, now and then one that was used. */
export function anyKey(maker: Maker, account: Account): { key: string | null; hash: string } {
  const { random } = maker
  const keys = [...account.keys.keys()]
  const repeats = keys.length > 0 && random.chance(0.2)
  const key = repeats ? random.pick(keys) : random.chance(0.5) ? maker.name('k') : null
  return { key, hash: random.chance(0.1) ? 'other' : 'same' }
}

/** A refusal of the ledger's, in a line. */
export function refusalText({ type, ...facts }: { type: string; [fact: string]: unknown }): string {
  return [type, ...Object.entries(facts).map(([name, fact]) => `${name} ${fact}`)].join(' ')
}
