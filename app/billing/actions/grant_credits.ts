import { inject } from '@adonisjs/core'
import type { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import type { Actor, GrantResult } from '#core/ledger/types'

interface GrantCreditsRequest {
  accountId: string
  amount: Credits
  reason: string
  actor: Actor
  /** Made by the form: a second press of the button grants nothing more. */
  reference: string
  expiresAt?: Date
}

/** Credits by an operator's hand, with a reason that the ledger keeps. */
@inject()
export class GrantCredits {
  constructor(private readonly ledger: Ledger) {}

  handle(request: GrantCreditsRequest): Promise<GrantResult> {
    return this.ledger.grant({
      accountId: request.accountId,
      kind: 'admin',
      amount: request.amount,
      source: 'admin',
      sourceRef: request.reference,
      actor: request.actor,
      reason: request.reason,
      expiresAt: request.expiresAt ?? null,
    })
  }
}
