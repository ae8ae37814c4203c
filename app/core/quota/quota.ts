import type { LimitRule, LimitState } from './limit_rule.js'

/** Whose limits are asked for. */
export interface Subject {
  accountId: string
  keyId?: string
  userId?: string
}

/**
 * Limits on generations. They are counted inside the hold call (see `MeteredJobs`),
 * so they are exact across processes; this contract only says which rules there
 * are and what is left of them.
 */
export abstract class Quota {
  /** The rules that hold where an organisation has none of its own. */
  abstract readonly defaults: LimitRule[]

  /** Every rule that counts for the subject, with what the current window has used. */
  abstract states(subject: Subject): Promise<LimitState[]>
}
