import { inject } from '@adonisjs/core'
import type { Balance } from '#core/ledger/types'
import { Ledger } from '#core/ledger/ledger'

@inject()
export class BalanceQuery {
  constructor(private readonly ledger: Ledger) {}

  handle(accountId: string): Promise<Balance> {
    return this.ledger.balance(accountId)
  }
}
