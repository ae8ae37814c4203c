import type { Credits } from '../ledger/credits.js'
import type { Refusal } from './refusal.js'

/** Whoever's key is revoked is told that it is wrong, and nothing else. */
export type ExplainedRefusal = Exclude<Refusal, { type: 'key_revoked' }>

/** What would have passed where something did not: the cheapest model of its kind. */
export interface Alternative {
  model: string
  /** What it would hold for the same input. */
  credits: Credits
}

/** Something that was asked for and not done. */
export interface Refused {
  accountId: string
  refusal: ExplainedRefusal
  model: string
  kind: string
  keyId: string | null
  userId: string | null
  endUser: string | null
  alternative: Alternative | null
  traceId: string | null
  /** It was let pass: the rule only observes. */
  observed?: boolean
}

export interface RecordedRefusal extends Refused {
  id: string
  /** How often in its minute, with the numbers of the last time. */
  times: number
  firstAt: Date
  lastAt: Date
}

/**
 * Why things were not done, kept for 30 days. Those of one account, rule, subject and model within a
 * minute are one record that counts them, so that whoever asks a thousand times a second
 * costs a row a minute.
 */
export abstract class RefusalLog {
  /** Answers the id it is found by. It is written within a second, after the caller has its answer. */
  abstract record(refused: Refused): string

  /** One of this account, or `null`. */
  abstract find(accountId: string, id: string): Promise<RecordedRefusal | null>

  /** Newest first, of one account or of all. `before` is the id that the page before ended with. */
  abstract list(wanted: {
    accountId?: string
    limit: number
    before?: string
  }): Promise<RecordedRefusal[]>

  /** Forgets what is older than 30 days. Answers how many records. */
  abstract forget(): Promise<number>

  /** Writes what is not written yet. */
  abstract flush(): Promise<void>
}
