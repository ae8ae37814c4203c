import type { ClaimedJob } from './types.js'

/**
 * Does the work of one kind of job. It ends the job itself (through `MeteredJobs`
 * or `JobQueue`), because only it knows what the outcome is worth; a handler that
 * throws loses its lease and the job runs again.
 */
export abstract class JobHandler {
  abstract readonly kind: string
  /** How many jobs of this kind may run at once, in all processes together. Any number by default. */
  readonly concurrency?: number
  /** How many of one account. */
  readonly concurrencyPerAccount?: number

  /**
   * How many of this kind a process works on beside its other work. They take no place of the others,
   * and wait for none. Without it they share `concurrency` of `config/worker.ts` with all kinds.
   */
  readonly placesApart?: number

  /**
   * @param signal aborted when a cancel was asked for (`reason` is `'canceled'`), when
   * the lease was lost (`'lease_lost'`), or when the process drains (`'draining'`).
   */
  abstract handle(job: ClaimedJob, signal: AbortSignal): Promise<void>
}

/**
 * Does the work of jobs without a price. When it returns, the job has succeeded; when it throws,
 * the job is tried again as `retryDelays` says, and fails for good after the last of them. It may
 * run twice for one job, so what it does must bear that.
 */
export abstract class PlainJobHandler extends JobHandler {
  /** Milliseconds to wait after the first, second … try that failed. None: it is tried once. */
  readonly retryDelays: readonly number[] = [1_000, 5_000, 30_000, 120_000]
  /** How long one try may take, in milliseconds. It is aborted then, and has failed. */
  readonly timeout: number = 60_000
}

/** Thrown by a plain handler that knows more about its failure than that there was one. */
export class JobFailure extends Error {
  constructor(
    /** For people. No secret: it is stored and shown. */
    message: string,
    readonly options: {
      /** `false`: no further try can help. */
      retry?: boolean
      /** Not sooner than this, in milliseconds. */
      retryAfter?: number
      /** The other side's own code. */
      code?: string
    } = {}
  ) {
    super(message)
  }
}
