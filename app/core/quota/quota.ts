import type { Actor } from '../ledger/types.js'
import type { LimitRule, LimitState, OwnRule } from './limit_rule.js'

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

  /** The rules an organisation has of its own, which replace the defaults. */
  abstract rules(accountId: string): Promise<OwnRule[]>

  /** Writes a rule, or changes the one of the same scope, measure and window. It holds from the next call on. */
  abstract setRule(accountId: string, rule: OwnRule, actor: Actor): Promise<void>

  /** Takes a rule away, so that the default holds again. Answers whether there was one. */
  abstract removeRule(accountId: string, rule: RuleKey): Promise<boolean>
}

/** What names a rule among those of an organisation. */
export type RuleKey = Pick<OwnRule, 'scope' | 'scopeId' | 'measure' | 'window'>
