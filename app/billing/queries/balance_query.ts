import { inject } from '@adonisjs/core'
import type { Balance, PastBalance } from '#core/ledger/types'
import { Ledger } from '#core/ledger/ledger'

@inject()
export class BalanceQuery {
  constructor(private readonly ledger: Ledger) {}

  handle(accountId: string): Promise<Balance> {
    return this.ledger.balance(accountId)
  }

  /** As it was at an instant, with what each grant had. */
  at(accountId: string, instant: Date): Promise<PastBalance> {
    return this.ledger.balanceAt(accountId, instant)
  }
}
