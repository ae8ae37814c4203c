import { inject } from '@adonisjs/core'
import { Ledger } from '#core/ledger/ledger'
import type { RefundRequest, RefundResult } from '#core/ledger/types'

/** Gives back, by an operator's hand, some of what a generation or own work cost. */
@inject()
export class RefundCredits {
  constructor(private readonly ledger: Ledger) {}

  handle(request: RefundRequest): Promise<RefundResult> {
    return this.ledger.refund(request)
  }
}
