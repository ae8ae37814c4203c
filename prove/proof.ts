import type { Server } from './harness/server.js'

export type Size = 'small' | 'ci' | 'release'

export interface Proof {
  name: string
  /** What must hold, in a sentence. */
  about: string
  /** Answers what was done, for the last line. Throws `Broken` when it does not hold. */
  run(trial: Trial): Promise<Counts>
}

export type Counts = Record<string, number>

/** How jobs come to those who work on them. */
export const DRIVERS = ['postgres', 'cloud_tasks'] as const
export type Driver = (typeof DRIVERS)[number]

export interface Trial {
  server: Server
  /** The only one that is asked for; a proof that knows of drivers tries each of them else. */
  driver?: Driver
  /** All proofs, by name. */
  proofs: Record<string, () => Promise<{ default: Proof }>>
  seed: number
  size: Size
  /** What is taken out of the database's functions, if anything. */
  mutant?: Mutant
  tell(line: string): void
  /** Whether it was given so much time and no more. What is begun is brought to its end. */
  isTimeUp(): boolean
}

/** Something taken out of the ledger, to see that a proof misses it. */
export interface Mutant {
  name: string
  /** The proof that must fail. */
  killedBy: string
  /** How jobs have to come for it to be missed. */
  driver?: Driver
  /** What is gone, and what should come of it. */
  why: string
  /** Each text must be found exactly once in the function's file. */
  texts?: { file: string; find: string; replace: string }[]
  /** Told to the processes that are started. */
  environment?: Record<string, string>
  /** Statements on the schema; what they drop must be there. */
  sql?: string
}

/** A promise that did not hold. Everything else that is thrown is a fault of the proof itself. */
export class Broken extends Error {}

/** Fails the proof unless both are equal. */
export function same(what: string, actual: unknown, expected: unknown) {
  if (String(actual) !== String(expected)) {
    throw new Broken(`${what}: ${actual}, but it should be ${expected}`)
  }
}

/** SQLSTATEs of a server that is away, full or busy: those say nothing of the ledger. */
const OF_THE_SERVER = /^(08|53|55|57|58)/

/** What the database refuses is a failure of the ledger as well; anything else is one of the proof. */
export function isFailure(error: unknown): boolean {
  if (error instanceof Broken) return true
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !OF_THE_SERVER.test(code)
}
