/** One line of a job's story. `seq` is gapless per job, from 1. */
export interface JobEvent {
  accountId: string
  jobId: string
  seq: number
  type: string
  data: Record<string, unknown>
  createdAt: Date
}

/** Every type of event there is. Clients ignore those they do not know: there will be more. */
export const EVENT_TYPES = [
  'queued',
  'waiting',
  'admitted',
  'running',
  'submitted',
  'progress',
  'retrying',
  'fell_back',
  'handed_back',
  'lease_lost',
  'cancel_requested',
  'price_doubted',
  'late_result',
  'redriven',
  'settled',
  'released',
  'succeeded',
  'failed',
  'canceled',
  'expired',
] as const

/** The events after which a job's story has ended. */
export const TERMINAL_EVENTS: ReadonlySet<string> = new Set([
  'succeeded',
  'failed',
  'canceled',
  'expired',
])

/**
 * A place in the events of a whole account. Opaque: only the keeper that gave it knows what is
 * after it, and it is worth nothing for another account.
 */
export type Place = string

/** Some events of an account, and the place behind all of them. */
export interface AccountPage {
  /** Each with the kind of its job. */
  events: { event: JobEvent; kind: string; place: Place }[]
  /** Whoever goes on from here misses nothing, also when there was no event. */
  place: Place
}

/**
 * What a browser or client may be told while it waits. The events themselves are
 * rows, written by the calls that make the changes; this contract only carries the
 * word that there are new ones, between processes, and reads them back.
 *
 * Not promised: that every announcement arrives. A follower therefore looks into
 * the rows now and then, and never loses or doubles an event.
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
   * job ends or `signal` aborts. Holds no database connection while it waits. Followers
   * at one place share what is read: they must not change it.
   */
  abstract follow(
    accountId: string,
    jobId: string,
    options: { afterSeq: number; signal: AbortSignal }
  ): AsyncIterable<JobEvent>

  /** Before all that is kept of any account. */
  abstract readonly beginning: Place

  /** Where those begin who only care for what comes. */
  abstract now(): Promise<Place>

  /**
   * Every event of an account's jobs after a place, then the new ones as they come, until
   * `signal` aborts. The order is the same for all who follow, and the same again when it is
   * repeated: that in which transactions began to write. An event waits for those before it, so
   * none is ever passed over; within a job the order is that of `seq`, unless a transaction
   * wrote to several jobs.
   */
  abstract followAccount(
    accountId: string,
    options: { after: Place; signal: AbortSignal }
  ): AsyncIterable<AccountPage>
}
