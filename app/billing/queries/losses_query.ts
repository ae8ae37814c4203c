import { inject } from '@adonisjs/core'
import { Ledger } from '#core/ledger/ledger'
import type { Loss } from '#core/ledger/types'

/** What the platform ate for an organisation, newest first. */
@inject()
export class LossesQuery {
  constructor(private readonly ledger: Ledger) {}

  handle(accountId: string, { limit }: { limit: number }): Promise<Loss[]> {
    return this.ledger.losses(accountId, { limit })
  }
}
