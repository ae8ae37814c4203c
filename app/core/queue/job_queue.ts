import type { ClaimLimits } from './claim_limits.js'
import type {
  AddedJob,
  JobTransaction,
  NewJob,
  PlainCancelResult,
  PlainOutcome,
} from './plain_jobs.js'
import type { Report } from '../prices/evaluate.js'
import type { ClaimedJob, JobError, JobRef, JobStanding, Lease } from './types.js'

/**
 * Durable work. Delivery is at least once, the effect exactly once: a claim hands
 * out a fencing token and every later write carries it.
 *
 * A job exists if and only if the thing it is about exists, so it is written inside the
 * call that creates that thing: the start of a generation (`MeteredJobs`), a function of the
 * database (`job_add`), or the caller's transaction (`add`).
 *
 * Not promised: an order between jobs of equal priority, or a start time.
 */
export abstract class JobQueue {
  /**
   * How work comes to a process. `pull`: it claims what is due. `push`: it is told of each job, and
   * claims that one. A step of a pushed job ends soon: where a vendor works on it, it is parked.
   */
  abstract readonly delivery: 'pull' | 'push'

  /**
   * Adds plain jobs in the caller's transaction, in the order of `jobs`; in one of its own where
   * none is given. Nobody works on them before it commits: call `wake` after that.
   */
  abstract add(jobs: NewJob[], transaction?: JobTransaction): Promise<AddedJob[]>

  /**
   * Takes at most `limit` due jobs of these kinds, each with a lease of `leaseMs`.
   * A job without a live hold is never handed out.
   *
   * Accounts take turns: those whose turn it is share the batch evenly, and who was served goes to
   * the back of the line. Within an account and kind (for generations, and provider) the higher
   * priority goes first, then who is due longer. With `limits` nothing is taken beyond them,
   * exactly, whoever else claims at the same time.
   */
  abstract claim(request: {
    worker: string
    kinds: string[]
    limit: number
    leaseMs: number
    limits?: ClaimLimits
  }): Promise<ClaimedJob[]>

  /**
   * Takes this job, if it waits, is due and may run beside the others, as `claim` would; else answers
   * how it stands. One that was parked goes on with the same attempt, has its room already, and may
   * have been asked to stop meanwhile.
   */
  abstract claimOne(request: {
    ref: JobRef
    worker: string
    kinds: string[]
    leaseMs: number
    limits?: ClaimLimits
  }): Promise<JobStanding | { is: 'claimed'; job: ClaimedJob; cancelRequested: boolean }>

  /** How a job stands now. */
  abstract standing(ref: JobRef): Promise<JobStanding>

  /**
   * Renews leases. Answers those that are still ours, each with whether a cancel
   * was asked for; one that is missing was lost and its work must stop.
   */
  abstract heartbeat(
    leases: Lease[],
    leaseMs: number
  ): Promise<(JobRef & { cancelRequested: boolean })[]>

  /** Records how far the work is (0–1), as an event. `false` when the lease was lost. */
  abstract progress(
    lease: Lease,
    progress: number,
    data?: Record<string, unknown>
  ): Promise<boolean>

  /**
   * Stores the vendor's handle before anything else is done with it, so that a
   * crash resumes by polling. `false` when the lease was lost.
   */
  abstract handOff(lease: Lease, handle: Record<string, unknown>): Promise<boolean>

  /**
   * Keeps what is left to do of work that is done, in place of a handle, and tells nobody. `false` when
   * the lease was lost.
   */
  abstract keep(lease: Lease, handle: Record<string, unknown>): Promise<boolean>

  /**
   * Stores the vendor's handle, as `handOff` does, and lets go of the job until it is time to ask
   * the vendor. It still runs, in the same attempt, which began at `beganAt`; only `claimOne` hands
   * it out again, and one that nobody took for 15 minutes counts as lost. Asked to stop, it is due at
   * once. `false` when the lease was lost.
   */
  abstract park(
    lease: Lease,
    parked: { handle: Record<string, unknown>; runAt: Date; beganAt: Date }
  ): Promise<boolean>

  /**
   * Puts the job back, due at `runAt`. The attempt counts unless `free`; the vendor's
   * handle is forgotten unless `keepHandle`. `false` when the lease was lost.
   */
  abstract retry(
    lease: Lease,
    retry: {
      runAt: Date
      error: JobError
      free?: boolean
      keepHandle?: boolean
      /** A vendor may have the work all the same. */
      inDoubt?: boolean
      usage?: AttemptUsage
    }
  ): Promise<boolean>

  /** Hands the job back untouched, due now: the process is going away. `inDoubt`: while it was submitting. */
  abstract handBack(lease: Lease, options?: { inDoubt?: boolean }): Promise<boolean>

  /** Ends a plain job. `false` when the lease was lost: nothing was written. */
  abstract finish(lease: Lease, outcome: PlainOutcome): Promise<boolean>

  /** A queued plain job ends here; a running one is asked to stop. */
  abstract cancel(ref: JobRef, actor: string): Promise<PlainCancelResult>

  /** Ends a plain job that is overdue. `false` when it is not, or not any more. */
  abstract expire(ref: JobRef): Promise<boolean>

  /**
   * Queues a plain dead letter anew: all its tries, and as much time as it had. `duplicate`: another
   * with its dedupe key is open.
   */
  abstract redrive(ref: JobRef, actor: string): Promise<'queued' | 'duplicate' | 'missing'>

  /** Says of a dead letter with a price which job took its place. `false` when it is none, or not any more. */
  abstract replaced(ref: JobRef, by: { jobId: string; actor: string }): Promise<boolean>

  /** Requeues every job whose lease ran out. Answers which. */
  abstract requeueLost(limit: number): Promise<JobRef[]>

  /** Open jobs past their deadline or their start, or canceled with nobody left to hear it. */
  abstract overdue(limit: number): Promise<OverdueJob[]>

  /** Calls `listener` when work may be waiting. Wake-ups can be lost: poll slowly as well. */
  abstract onWork(listener: () => void): () => void

  /**
   * Says that the vendor of a job may have news of it, so that whoever works on it asks soon: a second
   * from now where it is parked. Can be lost: it is asked in its time as well.
   */
  abstract poke(ref: JobRef): Promise<void>

  /** Calls `listener` when there may be news of a job that a worker has. Can be lost. */
  abstract onPoke(listener: (ref: JobRef) => void): () => void

  /** Calls `listener` when a running job is asked to stop. Can be lost: the heartbeat tells as well. */
  abstract onCancel(listener: (ref: JobRef) => void): () => void

  /** Says that work is waiting, to this process at once and to the others soon. */
  abstract wake(): void

  /** What is known to keep work from coming, for readiness. `null` while nothing is. */
  abstract trouble(): string | null

  /** Open jobs by state, for readiness and pages. */
  abstract depth(): Promise<{ queued: number; running: number; oldestQueuedAt: Date | null }>
}

/** One that nobody will finish: `MeteredJobs.expire` ends it, or `expire` where it is plain. */
export interface OverdueJob extends JobRef {
  reason: 'deadline' | 'canceled'
  metered: boolean
}

/** What one attempt measured and cost: the facts of a usage event. */
export interface AttemptUsage {
  provider: string
  model: string
  kind: string
  status: 'succeeded' | 'failed' | 'canceled'
  errorClass?: string
  units: Record<string, number>
  /** Micro-USD the vendor charges for this attempt, by its price rule or its own word. */
  vendorCostMicroUsd: bigint
  /** The vendor's own figure, and whether it was believed. */
  report?: Report
  durationMs: number
  providerRequestId?: string
}
