/**
 * The faults of the ledger: something is broken or was misused. An expected "no"
 * is never one of these; it is a refusal (see `quota/refusal.ts`).
 */
export class LedgerFault extends Error {
  constructor(
    readonly code: string,
    message: string
  ) {
    super(message)
    this.name = 'LedgerFault'
  }
}

/** An amount that is not one: malformed, finer than a micro-unit, or beyond 64 bits. */
export class AmountFault extends LedgerFault {
  constructor(message: string) {
    super('E_AMOUNT_INVALID', message)
  }
}

export class AccountMissingFault extends LedgerFault {
  constructor(accountId: string) {
    super(
      'E_LEDGER_ACCOUNT_MISSING',
      `There is no account ${accountId}. Open it with the organisation before moving credits.`
    )
  }
}
