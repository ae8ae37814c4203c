export type AdvanceResult =
  /** `at` is the account's time now. */
  | { outcome: 'advanced'; at: Date }
  /** `live`: only test accounts have a clock to move. `past`: a clock goes only ahead. `too_far`: over ten years. */
  | { outcome: 'live' | 'past' | 'too_far'; at: Date }

/**
 * The time of an account: what its entries are dated by, and what windows, expiries and resets wait
 * for. Real time for all but test accounts, whose clocks can be moved ahead. Leases and deadlines
 * of jobs are never on it.
 */
export abstract class AccountClock {
  /** @throws E_LEDGER_ACCOUNT_MISSING when the account was never opened. */
  abstract now(accountId: string): Promise<Date>

  /**
   * Moves the clock to an instant and writes what expires on the way. Resets nothing by itself.
   * Anything but `advanced` changed nothing.
   */
  abstract advance(accountId: string, to: Date): Promise<AdvanceResult>
}
