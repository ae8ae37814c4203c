import type { JobError, JobState } from './types.js'

/** A job without a price, as its room asks for it. */
export interface NewJob {
  accountId: string
  /** An own one where none is given. A second job with a taken id is none. */
  id?: string
  kind: string
  /** Ids and small values, below 8 kB as JSON. */
  payload: Record<string, unknown>
  /** Now where nothing is said. */
  runAt?: Date
  /** Within its account and kind, −32,768 to 32,767; the higher goes first. */
  priority?: number
  /** While a job of this account and kind with this key is open, another is not added. */
  dedupeKey?: string
  /** Until when it has to have begun; it expires else. */
  startBy?: Date
  /** Until when it has to be done, retries included. A day after `runAt` where nothing is said. */
  deadline?: Date
  /** How often it may be begun. As often as its handler's schedule goes where nothing is said. */
  maxAttempts?: number
  traceparent?: string | null
}

/** What was asked for is there: as a new job, or as the one that was there before. */
export interface AddedJob {
  jobId: string
  added: boolean
}

/** The transaction that writes what the jobs are about. Lucid's are such. */
export interface JobTransaction {
  rawQuery(sql: string, bindings: string[]): PromiseLike<{ rows: any[] }>
}

/** How a plain job ended, in its worker's words. */
export type PlainOutcome =
  { state: 'succeeded' } | { state: 'failed'; error: JobError } | { state: 'canceled' }

export type PlainCancelResult =
  { outcome: 'canceled' | 'requested' | 'missing' } | { outcome: 'resolved'; state: JobState }
