import type { JobState } from '#core/queue/types'
import type { EntryKind } from '#core/ledger/types'
import type { Micros } from '../windows.js'
import type { CounterName } from './limits.js'

/** What the oracle remembers. Amounts are micro-credits, times microseconds since 1970. */

/** What one grant gave; without a grant, what was taken as a debt. */
export type Part = [grant: string | null, amount: bigint]
export type Slice = [grant: string, part: bigint]

/** What alone a grant pays for: any of the models, or any of the kinds. */
export interface Restriction {
  models?: string[]
  kinds?: string[]
}

export interface NewGrant {
  id: string
  /** `source:reference`, which is granted for once. */
  ref: string
  kind: string
  amount: bigint
  priority: number
  expiresAt: Micros | null
  parent?: string | null
  only?: Restriction | null
}

export interface Grant extends NewGrant {
  parent: string | null
  remaining: bigint
  held: bigint
}

export interface Entry {
  kind: EntryKind
  amount: bigint
  /** Without one it moves the debt. */
  grant: string | null
  hold: string | null
  at: Micros
}

export interface Hold {
  id: string
  amount: bigint
  state: HoldEnd | 'held'
  cost: bigint | null
  slices: Slice[]
  pins: Pin[]
  gates: Gate[]
}

export type HoldEnd = 'settled' | 'released' | 'expired'

/** A counter that waits for the outcome of a hold, in the window it was opened in. */
export interface Pin {
  key: string
  start: Micros
  amount: bigint
}

/** A counter whose room a hold waits for. */
export interface Gate {
  counter: CounterName
  amount: bigint
}

export interface Job {
  id: string
  state: JobState
  attempt: number
  token: number
  /** Of one that waits for a limit, its deadline. */
  runAt: Micros
  /** The limit it stands in line at. */
  gate: string | null
  leaseUntil: Micros | null
  deadline: Micros
  /** Workers found it too late once. Should the clock run back, they need not look again. */
  passedBy: boolean
  cancelRequested: boolean
  /** Whether a vendor's handle is remembered. */
  handle: boolean
}

const FINAL: JobState[] = ['succeeded', 'failed', 'canceled', 'expired']

export const isFinal = ({ state }: Pick<Job, 'state'>) => FINAL.includes(state)
export const isExpired = ({ expiresAt }: Pick<Grant, 'expiresAt'>, at: Micros) =>
  expiresAt !== null && expiresAt <= at
export const least = (a: bigint, b: bigint) => (a < b ? a : b)
export const compare = <Value>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)
export const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((a, b) => a + b, 0n)
