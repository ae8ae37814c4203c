import type { Credits } from '../ledger/credits.js'
import type { CircuitCause } from '../plugins/provider_health.js'
import type { LimitMeasure, LimitScope, LimitWindow } from '../quota/limit_rule.js'

/** Something about an account that somebody should know of. */
export type NoticeFacts =
  /** A budget, of an account or over all, has reached 50, 80 or 100 percent in its window. Only the highest that is new is told. */
  | {
      type: 'budget_threshold'
      percent: number
      scope: LimitScope
      scopeId: string
      measure: LimitMeasure
      window: LimitWindow
      limit: bigint
      used: bigint
      held: bigint
    }
  /** A rule that only observes would have refused, the first time in its window. */
  | {
      type: 'limit_observed'
      scope: LimitScope
      scopeId: string
      measure: LimitMeasure
      window: LimitWindow
      limit: bigint
    }
  /** Less is available than the organisation wants to have; once until more comes in. */
  | { type: 'balance_low'; available: Credits; below: Credits }
  /** The account owes; once until more comes in. */
  | { type: 'overdraft'; overdraft: Credits }
  /** The platform ate what the user does not pay. */
  | { type: 'loss'; jobId: string; kind: string; credits: Credits; vendorCostMicroUsd: bigint }
  /** The books of the account do not add up; once a day and invariant. */
  | { type: 'ledger_violation'; invariant: string; detail: string }
  /** A provider is left alone, because of its vendor's account or of its failures. Of the installation. */
  | { type: 'provider_unavailable'; provider: string; cause: CircuitCause; message: string }
  /** What a model's vendor reports is not what its price says, over many jobs; once a month. Of the installation. */
  | { type: 'price_drift'; model: string; jobs: number; part: number; mend: string }
  /** An endpoint is told nothing any more: it failed for too long, or said that it is gone. */
  | {
      type: 'webhook_disabled'
      endpointId: string
      url: string
      because: 'failing' | 'gone'
      failingSince: Date
    }

/** In place of an account: what the whole installation has to do with. */
export const PLATFORM = 'platform'

export interface Notice {
  id: string
  /** Or `PLATFORM`. */
  accountId: string
  facts: NoticeFacts
  createdAt: Date
}

export type NoticeListener = (notice: Notice) => void | Promise<void>

/**
 * Tells each thing once, whichever process notices it first and however often it is looked at.
 * A listener may hear of one again when the process that told it died: it is told at least once.
 */
export abstract class Notices {
  /** Credits of this account moved. Costs nothing now; it is looked at within a second. */
  abstract look(accountId: string): void

  /** Hears every notice that this process is the first to see. Answers how to stop. */
  abstract subscribe(listener: NoticeListener): () => void

  /** Newest first, of one account or of all. */
  abstract list(wanted: { accountId?: string; limit: number }): Promise<Notice[]>

  /** Looks now at what is waiting to be looked at, and tells again what nobody was told. */
  abstract flush(): Promise<void>
}
