import { inject } from '@adonisjs/core'
import { AccountClock } from '#core/ledger/account_clock'

/** What time it is for an account. */
@inject()
export class ClockQuery {
  constructor(private readonly clock: AccountClock) {}

  handle(accountId: string): Promise<Date> {
    return this.clock.now(accountId)
  }
}
