import {
  AccountClosedFault,
  AccountMissingFault,
  AmountFault,
  ExpiryPastFault,
  MovementFault,
  ReasonMissingFault,
} from '#core/ledger/errors'
import {
  GRANT_KINDS,
  type ClawBackRequest,
  type CorrectionRequest,
  type GrantRequest,
  type RefundRequest,
  type TransferRequest,
} from '#core/ledger/types'

const LONGEST_REFERENCE = 200

/** What no grant can be, before the database is asked. */
export function checkGrant({ amount, kind, priority = 50, restrictedTo }: GrantRequest) {
  if (amount.micro <= 0n) {
    throw new AmountFault(`A grant of ${amount} adds nothing. Use an amount above zero.`)
  }
  if (!GRANT_KINDS.includes(kind)) {
    throw new MovementFault(`"${kind}" is no kind of grant. Use: ${GRANT_KINDS.join(', ')}.`)
  }
  if (!Number.isInteger(priority) || priority < 0 || priority > 100) {
    throw new MovementFault(`The priority ${priority} is none. Use a whole number from 0 to 100.`)
  }
  const { models = [], kinds = [] } = restrictedTo ?? {}
  if (restrictedTo && models.length + kinds.length === 0) {
    throw new MovementFault('A restriction to nothing pays for nothing. Name a model or a kind.')
  }
}

export function checkRefund(request: RefundRequest) {
  checkMovement(request)
  if (request.amount.micro <= 0n) {
    throw new AmountFault(
      `A refund of ${request.amount} gives nothing back. Use an amount above zero.`
    )
  }
}

export function checkCorrection(request: CorrectionRequest) {
  checkMovement(request)
  if (request.amount.isZero) {
    throw new AmountFault('A correction of 0 changes nothing. Use another amount.')
  }
}

export function checkTransfer(request: TransferRequest) {
  checkMovement(request)
  if (request.to === request.accountId) {
    throw new MovementFault('An account cannot be merged into itself. Name another one.')
  }
}

export function checkClawBack({ charged, refunded, disputed, asOf, reason }: ClawBackRequest) {
  if (!reason.trim()) throw new ReasonMissingFault()
  if (charged <= 0n || refunded < 0n || disputed < 0n) {
    throw new MovementFault(
      `Charged ${charged}, refunded ${refunded}, disputed ${disputed}: no books stand like this. Charged is above zero, the others are not below.`
    )
  }
  if (Number.isNaN(asOf.getTime())) {
    throw new MovementFault('Say when the books stood like this.')
  }
}

function checkMovement({ reason, reference }: { reason: string; reference: string }) {
  if (!reason.trim()) throw new ReasonMissingFault()
  if (!reference || reference.length > LONGEST_REFERENCE) {
    throw new MovementFault(`A reference has 1 to ${LONGEST_REFERENCE} characters.`)
  }
}

/** What the functions raise, as the faults of the contract. */
export function faultOf(
  error: { code?: string },
  { accountId, expiresAt }: { accountId: string; expiresAt?: Date | null }
): unknown {
  switch (error.code) {
    case 'DG001':
      return new AccountMissingFault(accountId)
    case 'DG011':
      return new AccountClosedFault(accountId)
    case 'DG012':
      return new ExpiryPastFault(expiresAt!)
    case 'DG013':
      return new MovementFault(
        'The reference names another transfer of the account it goes to. Use one of its own.'
      )
    // numeric_value_out_of_range
    case '22003':
      return new AmountFault('The balance would not fit in 64 bits. Use a smaller amount.')
    default:
      return error
  }
}
