import type {
  AccountState,
  Balance,
  ClawBackRequest,
  ClawBackResult,
  CorrectionRequest,
  CorrectionResult,
  Entry,
  GrantRequest,
  GrantResult,
  Hold,
  Loss,
  PastBalance,
  RefundRequest,
  RefundResult,
  Transfer,
  TransferRequest,
  TransferResult,
  Violation,
} from './types.js'

/**
 * The ledger: the only thing that changes a balance.
 *
 * Each verb is one database call and is atomic: it happened whole or not at all.
 * A repeat of a verb with the same reference changes nothing and answers with the
 * first result. Holding and settling are not here: a hold is born with its job and
 * ends with it, in the one call that `MeteredJobs` makes; `DirectHolds` has those of
 * work that callers meter themselves.
 *
 * Whatever brings credits back or in repays the account's debt first, in the same call.
 *
 * Not promised: an order between two accounts. No verb touches more than one.
 */
export abstract class Ledger {
  /**
   * Opens the account of an organisation, empty. A second call changes nothing. Throws
   * `E_TIMEZONE_UNKNOWN` for a zone that is none, or an abbreviation or offset.
   */
  abstract open(accountId: string, timezone?: string): Promise<void>

  /** `null` for an account that was never opened. */
  abstract state(accountId: string): Promise<AccountState | null>

  /**
   * Closed, an account takes no new hold and no new grant; what is open ends as it would have.
   * Answers `false` where there is no such account.
   */
  abstract setState(accountId: string, state: AccountState): Promise<boolean>

  /**
   * Adds credits as a grant, with one entry.
   * @throws E_LEDGER_ACCOUNT_MISSING when the account was never opened, E_LEDGER_ACCOUNT_CLOSED,
   * E_GRANT_EXPIRY_PAST, E_AMOUNT_INVALID when it is not above zero or the balance would not
   * fit in 64 bits, E_LEDGER_REQUEST_INVALID for a priority beyond 0–100 or an unknown kind.
   */
  abstract grant(request: GrantRequest): Promise<GrantResult>

  /**
   * Gives back some of what a settled hold cost: first the slice that was drawn last, each to the
   * grant it came from. Where that has expired, the credits live on for at least 72 hours as a
   * refund grant, once per chain. All refunds of a hold are at most its cost. The cost itself
   * stays as it was settled.
   * @throws E_AMOUNT_INVALID, E_LEDGER_REASON_MISSING, E_LEDGER_ACCOUNT_MISSING.
   */
  abstract refund(request: RefundRequest): Promise<RefundResult>

  /**
   * Sets a balance right by hand. What is added is a grant of kind `admin`; what is taken comes
   * out of the grants in draw order, never beyond what is available.
   * @throws E_AMOUNT_INVALID, E_LEDGER_REASON_MISSING, E_LEDGER_ACCOUNT_MISSING.
   */
  abstract correct(request: CorrectionRequest): Promise<CorrectionResult>

  /**
   * Takes back what was granted for money that the buyer has back or disputes, or returns it once
   * a dispute is won: books the difference between what is booked and
   * ceil(grant × min(1, (refunded + disputed) / charged)). Takes from the grant, from what was
   * refunded out of it, from other grants in draw order, and owes the rest: the only way into
   * debt. What comes back goes where it was taken from, the last part first.
   *
   * It tells states, not events, so that order and repetition do not matter.
   * @throws E_LEDGER_REQUEST_INVALID for numbers that no books can have, E_LEDGER_ACCOUNT_MISSING.
   */
  abstract clawBack(request: ClawBackRequest): Promise<ClawBackResult>

  /**
   * The first half of moving everything from one account to another: takes out what is available,
   * or what is owed. What open holds keep stays with them. Touches `accountId` only; the transfer
   * is under way until `transferIn` and `transferArrived` were called with it.
   * @throws E_LEDGER_REQUEST_INVALID when both are one account, E_LEDGER_ACCOUNT_MISSING.
   */
  abstract transferOut(request: TransferRequest): Promise<TransferResult>

  /**
   * The second half, in the other account: the grants arrive with their kind, priority, expiry,
   * restriction and parent, a debt as a debt.
   * @throws E_LEDGER_ACCOUNT_MISSING, E_LEDGER_REQUEST_INVALID when the account has another transfer
   * of this reference: the credits stay under way.
   */
  abstract transferIn(transfer: Transfer): Promise<'received' | 'exists'>

  /** Notes in the first account that the second half is done. */
  abstract transferArrived(transfer: Transfer): Promise<void>

  /** Transfers whose second half may be missing, oldest first: of one account, or of all. */
  abstract transfersUnderWay(limit: number, accountId?: string): Promise<Transfer[]>

  /** Zero for an account that was never opened. Grants that are past their expiry do not count. */
  abstract balance(accountId: string): Promise<Balance>

  /**
   * As `balance` answered at an instant, with what each grant had. All of the instant's
   * millisecond has happened. Costs a reading of all of the account's entries and holds.
   */
  abstract balanceAt(accountId: string, instant: Date): Promise<PastBalance>

  /** Newest first, at most `limit`; `before` continues below that seq. */
  abstract entries(accountId: string, page: { limit: number; before?: bigint }): Promise<Entry[]>

  /** The entries a hold led to, oldest first. */
  abstract entriesOfHold(accountId: string, holdId: string): Promise<Entry[]>

  /** What the platform ate for an account, or for one job of it, newest first. */
  abstract losses(accountId: string, page: { limit: number; jobId?: string }): Promise<Loss[]>

  /** `null` when the account has no such hold. */
  abstract hold(accountId: string, holdId: string): Promise<Hold | null>

  /** Writes the expiry of every grant whose time has come. Answers how many. */
  abstract expireGrants(accountId: string): Promise<number>

  /** Every broken invariant, of one account or of all. Empty when all is well. */
  abstract verify(accountId?: string): Promise<Violation[]>
}
