/** `queued → running → succeeded | failed | canceled | expired`; the last four are final. */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'expired'

export const FINAL_STATES = ['succeeded', 'failed', 'canceled', 'expired'] as const

/**
 * Why an attempt did not deliver. The class decides whether it is tried again and
 * what becomes of the hold; see `error_policy.ts`.
 */
export type ErrorClass =
  | 'invalid_input'
  | 'blocked_input'
  | 'blocked_output'
  | 'rate_limited'
  | 'concurrency_full'
  | 'quota_daily'
  | 'provider_balance'
  | 'provider_auth'
  | 'model_retired'
  | 'transient_before_accept'
  | 'transient_on_poll'
  | 'outcome_unknown'
  | 'provider_failed'
  | 'worker_lost'
  | 'no_output'
  | 'partial'
  | 'asset_lost'
  | 'canceled'
  | 'deadline'
  | 'internal'

export interface JobError {
  class: ErrorClass
  /** For people. Never holds a secret or a prompt. */
  message: string
  /** The vendor's own code, where it gave one. */
  providerCode?: string
}

/** What a worker holds while it works: the job and the right to write its outcome. */
export interface ClaimedJob {
  accountId: string
  id: string
  kind: string
  /** Ids and small values, below 8 kB; whole, as it was enqueued. */
  payload: Record<string, unknown>
  /** From 1. */
  attempt: number
  maxAttempts: number
  /** The fencing token: a write that carries an older one changes nothing. */
  token: bigint
  /** The vendor's handle of an earlier attempt: poll it, never submit again. */
  handle: Record<string, unknown> | null
  /**
   * A vendor may have the work although there is no handle: the worker before was lost, or heard
   * nothing, after it had begun. Ask before submitting again.
   */
  inDoubt: boolean
  /** When the attempt began that this claim goes on with, where it was parked meanwhile. */
  attemptBeganAt: Date | null
  createdAt: Date
  deadline: Date
  traceparent: string | null
}

export interface JobRef {
  accountId: string
  jobId: string
}

export interface Lease extends JobRef {
  token: bigint
}

/**
 * How a job stands, for somebody who was told of it. `waiting` at `dueAt`, for nobody where it is
 * barred: it was asked to stop, its time is over or its hold is gone, and a sweep will end it.
 */
export type JobStanding =
  | { is: 'missing' }
  | { is: 'ended'; state: JobState }
  | { is: 'leased'; kind: string }
  | { is: 'waiting'; kind: string; dueAt: Date; isDue: boolean; isBarred: boolean }

/** What became of a job that this process was told of. */
export type Delivered =
  /** It was worked on here, and stands like this after it. */
  | { effect: 'worked'; standing: JobStanding }
  /** Nobody had to do anything, or nobody here could: it stands like this. */
  | { effect: 'none'; standing: JobStanding }
  /** This process has no place for it now, or takes no more work. */
  | { effect: 'none'; standing: null; why: 'full' | 'stopped' }
