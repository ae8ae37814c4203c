import { inject } from '@adonisjs/core'
import { DirectHolds, type DirectHold } from '#core/ledger/direct_holds'

/** One hold of an organisation's own work, or `null`. */
@inject()
export class HoldQuery {
  constructor(private readonly holds: DirectHolds) {}

  handle(accountId: string, id: string): Promise<DirectHold | null> {
    return this.holds.find(accountId, id)
  }
}
