import type { AttemptUsage } from './job_queue.js'
import type { JobError, JobRef, JobState, Lease } from './types.js'
import type { Credits } from '../ledger/credits.js'
import type { Actor } from '../ledger/types.js'
import type { LimitRule } from '../quota/limit_rule.js'
import type { RateRoom } from '../quota/rate_room.js'
import type { ExceededLimit, Refusal } from '../quota/refusal.js'
import type { Waiting } from '../quota/waiting.js'

/** A generation that is asked for: what is held, what is counted, what the worker will read. */
export interface StartRequest {
  accountId: string
  generationId: string
  jobId: string
  actor: Actor
  /** Checked live inside the call, so that a revoked key never starts work. */
  keyId: string | null
  userId: string | null
  endUser: string | null
  model: string
  provider: string
  kind: string
  /** The validated input, whole. */
  input: Record<string, unknown>
  /** How many outputs were asked for. */
  requested: number
  /** The ceiling: nothing above it is ever charged. Above zero unless the model is free. */
  hold: Credits
  /** The versions the price was computed with, so that it can be computed again. */
  pricePins: Record<string, unknown>
  /** What this call counts for, by measure, beside `requests: 1` and `credits: hold`. */
  measures: Record<string, bigint>
  limits: LimitRule[]
  /** The batch it belongs to. Its budget is a limit of scope `batch` in total; `null` is none. */
  batch?: { id: string; budget: Credits | null } | null
  idempotency: { key: string; requestHash: string } | null
  metadata: Record<string, string>
  webhookUrl: string | null
  deadline: Date
  maxAttempts: number
  traceparent: string | null
  /** Whom to ask, in this order, should this model not deliver. The hold covers the dearest of all. */
  fallbacks?: Fallback[]
}

/** Another model for the same work. */
export interface Fallback {
  model: string
  provider: string
  /** How often its provider is tried. */
  tries: number
  /** What it counts for, by measure, beside `requests: 1`, `concurrency: 1` and `credits: hold`. */
  measures: Record<string, bigint>
}

/** What a job carries of the models that are still to ask; nothing where there was one from the start. */
export interface FallbackPayload {
  /** All that were named and could be asked, in order. */
  models: string[]
  fallbacks: { model: string; provider: string; tries: number; measures: Record<string, string> }[]
  /** The attempts of those that were asked before. */
  before?: number
}

/** A job that goes to another model. */
export interface FallBackRequest {
  lease: Lease
  /** Nobody works on it: it waits for its provider, and nothing was begun there. */
  idle?: boolean
  to: FallbackPayload['fallbacks'][number]
  rest: FallbackPayload['fallbacks']
  /** Those that were passed over on the way, and why. */
  skipped: { model: string; because: string }[]
  limits: LimitRule[]
  /** Of the attempt that came to nothing, where there was one. */
  error?: JobError
  usage?: AttemptUsage
  loss?: AttemptLoss
}

export type FallBackResult =
  | { outcome: 'moved' }
  /** A limit of this model is reached, or its account's credits may not pay for it. Nothing was written. */
  | { outcome: 'refused'; because: 'limit_exceeded' | 'credits_restricted' }
  /** Somebody else has the job, or it ends. Nothing was written. */
  | { outcome: 'stale' }

/** A job that waits for a provider, and could be asked of another. */
export interface WaitingFallback extends Lease {
  model: string
  payload: FallbackPayload
}

export type StartResult =
  | {
      outcome: 'started'
      generationId: string
      jobId: string
      createdAt: Date
      /** Of the rules of requests that counted this call; absent where there are none. */
      rates?: RateRoom[]
      /** The rules that only observe, and would have refused. */
      observed?: ExceededLimit[]
      /** Set where the work waits for a limit to have room. */
      waiting?: Waiting
    }
  /** The idempotency key was used before, with the same request. */
  | { outcome: 'exists'; generationId: string; jobId: string }
  /** The idempotency key was used before, with another request. */
  | { outcome: 'conflict'; generationId: string }
  | { outcome: 'refused'; refusal: Refusal; rates?: RateRoom[] }

export interface OutputAsset {
  id: string
  sha256: string
  contentType: string
  bytes: number
  width?: number
  height?: number
  durationMs?: number
}

export interface FinishRequest {
  lease: Lease
  state: Extract<JobState, 'succeeded' | 'failed' | 'canceled'>
  /** What the work cost. The user pays min(cost, hold); the rest is booked as a loss. */
  cost: Credits
  delivered: number
  outputs: OutputAsset[]
  error?: JobError
  usage: AttemptUsage
  /** What the platform eats of an attempt that did not deliver, in the same call. */
  loss?: AttemptLoss
}

/** What a vendor is paid for that nobody pays us for. */
export interface AttemptLoss {
  /**
   * `unknown`: whether it was delivered or billed cannot be found out. `fallback`: another was asked in
   * its place, and nobody pays for two.
   */
  kind: 'unknown' | 'asset_lost' | 'fallback'
  /** At the user's price. */
  credits: Credits
  vendorCostMicroUsd: bigint
  /** Nobody measured it: it is what it can have cost at most. */
  assumed: boolean
}

/** A result that came after its job had ended otherwise. */
export interface LateResult {
  lease: Lease
  attempt: number
  /** What it would have cost the user. */
  cost: Credits
  usage: AttemptUsage
}

export type FinishResult =
  | { outcome: 'finished'; state: JobState; charged: Credits }
  /** Somebody else ended the job first; this is how. */
  | { outcome: 'resolved'; state: JobState; charged: Credits }
  /** The lease was lost: nothing was written. */
  | { outcome: 'stale' }

export type CancelResult =
  | { outcome: 'canceled' }
  /** The work is running; its worker was asked to stop. */
  | { outcome: 'requested' }
  | { outcome: 'resolved'; state: JobState }
  | { outcome: 'missing' }

/** A limit of one account that generations wait at. */
export interface Gate {
  accountId: string
  gate: string
}

/**
 * Jobs with a price. Hold and job are born in one database call and end in one, so
 * that a job without its hold, or a charge without its job, cannot exist.
 *
 * Every call is atomic and may be repeated: the second answers with what the first
 * one did. Locks are taken in the order job, hold, account, counters, grants.
 */
export abstract class MeteredJobs {
  /** Checks key, limits and credit, holds, and writes generation and job. A refusal writes nothing. */
  abstract start(request: StartRequest): Promise<StartResult>

  /** Ends the job and settles its hold (releases it when nothing is to pay), with its usage event and outputs. */
  abstract finish(request: FinishRequest): Promise<FinishResult>

  /**
   * Records a result that `finish` did not take because the job has ended otherwise: as usage at
   * price 0, and as a loss `late`, less what was assumed when the job ended. `false`, and nothing
   * written, while the job is open and where the work is recorded already.
   */
  abstract late(result: LateResult): Promise<boolean>

  /** A queued job ends here and is free; a running one is asked to stop. The first resolution wins. */
  abstract cancel(ref: JobRef, actor: Actor): Promise<CancelResult>

  /**
   * Takes a job to the next model that its caller named, with its hold: counted for it, where its
   * limits have room, and for the one before no more, but for the call that was made.
   */
  abstract fallBack(request: FallBackRequest): Promise<FallBackResult>

  /** At most `limit` jobs that wait for one of these providers and have another to ask. */
  abstract waitingFor(providers: string[], limit: number): Promise<WaitingFallback[]>

  /** Where something waits for a limit that may have room. */
  abstract openGates(limit: number): Promise<Gate[]>

  /**
   * Lets go on what waits at a gate, the first first, as far as all limits it waits for have room, and
   * counts it then. At most the limit is let go in a window, whoever else asks at the same time.
   */
  abstract admit(gate: Gate, options: { limits: LimitRule[]; limit: number }): Promise<JobRef[]>

  /**
   * Ends an open job that nobody will finish, and returns its hold. An attempt that was under way is
   * recorded, and what its vendor may bill for it is booked as a loss `unknown`, assumed.
   */
  abstract expire(ref: JobRef, reason: 'deadline' | 'canceled'): Promise<FinishResult>
}
