import type { Balance, Entry, GrantRequest, GrantResult, Hold, Violation } from './types.js'

/**
 * The ledger: the only thing that changes a balance.
 *
 * Each verb is one database call and is atomic: it happened whole or not at all.
 * A repeat of a verb with the same reference changes nothing and answers with the
 * first result. Holding and settling are not here: a hold is born with its job and
 * ends with it, in the one call that `MeteredJobs` makes.
 *
 * Not promised: an order between two accounts. No verb touches more than one.
 */
export abstract class Ledger {
  /** Opens the account of an organisation, empty. A second call changes nothing. */
  abstract open(accountId: string, timezone?: string): Promise<void>

  /**
   * Adds credits as a grant, with one entry.
   * @throws E_LEDGER_ACCOUNT_MISSING when the account was never opened.
   */
  abstract grant(request: GrantRequest): Promise<GrantResult>

  /** Zero for an account that was never opened. Grants that are past their expiry do not count. */
  abstract balance(accountId: string): Promise<Balance>

  /** Newest first, at most `limit`; `before` continues below that seq. */
  abstract entries(accountId: string, page: { limit: number; before?: bigint }): Promise<Entry[]>

  /** The entries a hold led to, oldest first. */
  abstract entriesOfHold(accountId: string, holdId: string): Promise<Entry[]>

  /** `null` when the account has no such hold. */
  abstract hold(accountId: string, holdId: string): Promise<Hold | null>

  /** Writes the expiry of every grant whose time has come. Answers how many. */
  abstract expireGrants(accountId: string): Promise<number>

  /** Every broken invariant, of one account or of all. Empty when all is well. */
  abstract verify(accountId?: string): Promise<Violation[]>
}
