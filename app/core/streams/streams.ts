/** One line of a job's story. `seq` is gapless per job, from 1. */
export interface JobEvent {
  accountId: string
  jobId: string
  seq: number
  type: string
  data: Record<string, unknown>
  createdAt: Date
}

/** The events after which a job's story has ended. */
export const TERMINAL_EVENTS = new Set(['succeeded', 'failed', 'canceled', 'expired'])

/**
 * What a browser or client may be told while it waits. The events themselves are
 * rows, written by the calls that make the changes; this contract only carries the
 * word that there are new ones, between processes, and reads them back.
 *
 * Not promised: that every announcement arrives. A follower therefore looks into
 * the rows now and then, and `follow` never loses or doubles an event.
 */
export abstract class Streams {
  /** Says that a job has new events, to this process at once and to the others soon. */
  abstract announce(accountId: string, jobId: string): void

  /** Events after `afterSeq`, oldest first, at most `limit`. */
  abstract read(
    accountId: string,
    jobId: string,
    afterSeq: number,
    limit?: number
  ): Promise<JobEvent[]>

  /**
   * Every event after `afterSeq`, in order, then the new ones as they come, until the
   * job ends or `signal` aborts. Holds no database connection while it waits.
   */
  abstract follow(
    accountId: string,
    jobId: string,
    options: { afterSeq: number; signal: AbortSignal }
  ): AsyncIterable<JobEvent>
}
