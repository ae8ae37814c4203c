/** A month of usage events that is old enough to be dropped. */
export interface PrunableMonth {
  /** `2026-01`: of when the jobs were created, in UTC. */
  month: string
  events: bigint
  /** What dropping it frees. */
  bytes: bigint
  /** Why it cannot be dropped now; `null` when it can. */
  blocked: string | null
}

export type SealResult =
  | { outcome: 'sealed'; events: bigint }
  /** Nothing was changed: an open job of the month, or events that came after they were counted. */
  | { outcome: 'blocked'; reason: string }
  | { outcome: 'missing' }

/** An event as text, by column. `null` where it has no value. */
export type UsageRecord = Record<string, string | null>

/**
 * How long single usage events are kept. Dropping a month changes no total: its sums per account,
 * quarter of an hour, provider, model, kind, status, user, key and end user are sealed in the same
 * transaction, and whatever is told of usage is read from both.
 */
export abstract class UsageRetention {
  /** Makes the partitions of this month and the coming three, and of what came without one. */
  abstract addPartitions(): Promise<void>

  /** The months before the last `keep` whole ones, oldest first. */
  abstract prunable(keep: number): Promise<PrunableMonth[]>

  /** The events of a month, in the order of their keys, some at a time. */
  abstract events(month: string): AsyncIterable<UsageRecord[]>

  /** Seals the totals of a month and drops its events, of which there must be `expected`. */
  abstract seal(month: string, expected: bigint): Promise<SealResult>

  /** Forgets idempotency keys older than 30 days. Answers how many. */
  abstract forgetKeys(): Promise<number>
}
