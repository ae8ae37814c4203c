import type { ClaimedJob } from './types.js'

/**
 * Does the work of one kind of job. It ends the job itself (through `MeteredJobs`
 * or `JobQueue`), because only it knows what the outcome is worth; a handler that
 * throws loses its lease and the job runs again.
 */
export abstract class JobHandler {
  abstract readonly kind: string

  /**
   * @param signal aborted when a cancel was asked for (`reason` is `'canceled'`), when
   * the lease was lost (`'lease_lost'`), or when the process drains (`'draining'`).
   */
  abstract handle(job: ClaimedJob, signal: AbortSignal): Promise<void>
}
