import { inject } from '@adonisjs/core'
import type { Entry } from '#core/ledger/types'
import { Ledger } from '#core/ledger/ledger'

/** A page of the ledger, newest first. `next` is the seq to continue below. */
@inject()
export class EntriesQuery {
  constructor(private readonly ledger: Ledger) {}

  async handle(
    accountId: string,
    { limit, before }: { limit: number; before?: bigint }
  ): Promise<{ entries: Entry[]; next: bigint | null }> {
    const found = await this.ledger.entries(accountId, { limit: limit + 1, before })
    const entries = found.slice(0, limit)
    return { entries, next: found.length > limit ? entries.at(-1)!.seq : null }
  }
}
