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

/** A zone in which no window could be opened, or not the one that is meant. */
export class TimezoneFault extends LedgerFault {
  constructor(zone: string) {
    super(
      'E_TIMEZONE_UNKNOWN',
      `There is no time zone "${zone.slice(0, 60)}". Write one such as Europe/Berlin or UTC.`
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

/** Somebody else wrote the root that was to be written. */
export class RootExistsFault extends LedgerFault {
  constructor(number: number) {
    super(
      'E_LEDGER_ROOT_EXISTS',
      `Root ${number} of the ledger is there already and is not replaced. ` +
        'Another process signs too: it needs no action unless this repeats.'
    )
  }
}

/** The signed roots cannot be continued: one of them is missing, damaged or of another key. */
export class RootArchiveFault extends LedgerFault {
  constructor(detail: string) {
    super(
      'E_LEDGER_ROOTS_BROKEN',
      `The signed roots of the ledger cannot be continued: ${detail}. ` +
        'Run "node ace ledger:verify", and see docs/ledger-verification.md.'
    )
  }
}

/** The books no longer continue what was signed. They are not signed again until they do. */
export class BooksContradictedFault extends LedgerFault {
  constructor(readonly contradictions: string[]) {
    super(
      'E_LEDGER_CONTRADICTED',
      `The ledger contradicts its last signed root: ${contradictions.join('; ')}. ` +
        'Run "node ace ledger:verify", and see docs/ledger-verification.md.'
    )
  }
}
