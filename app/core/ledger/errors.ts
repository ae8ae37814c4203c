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

export class AccountClosedFault extends LedgerFault {
  constructor(accountId: string) {
    super(
      'E_LEDGER_ACCOUNT_CLOSED',
      `The account ${accountId} is closed and takes no credits. Reopen it first, or grant to another.`
    )
  }
}

/** A grant that could never be spent. */
export class ExpiryPastFault extends LedgerFault {
  constructor(expiresAt: Date) {
    super(
      'E_GRANT_EXPIRY_PAST',
      `A grant that expired at ${expiresAt.toISOString()} cannot be spent. Choose a time ahead, or none.`
    )
  }
}

/** A field of a request to the ledger that no movement can have. */
export class MovementFault extends LedgerFault {
  constructor(message: string) {
    super('E_LEDGER_REQUEST_INVALID', message)
  }
}

export class ReasonMissingFault extends LedgerFault {
  constructor() {
    super('E_LEDGER_REASON_MISSING', 'Credits never move by hand without a reason. Say why.')
  }
}
