import { inject } from '@adonisjs/core'
import { newId } from '#core/ids'
import { AccountMissingFault, MovementFault } from '#core/ledger/errors'
import { Ledger } from '#core/ledger/ledger'
import type { Actor, Transfer } from '#core/ledger/types'

/** More than were ever under way at once for one account. */
const UNDER_WAY = 100

export interface MergeRequest {
  from: string
  into: string
  actor: Actor
  reason: string
}

export type MergeOutcome =
  /** How many transfers arrived: one that had been left half way, this one, or both. */
  { outcome: 'merged'; arrived: number } | { outcome: 'account_closed' }

/**
 * Closes an account and moves all that is available, or owed, into another. What its open holds keep
 * drains: merge again once they have ended. Killed at any point it may be repeated, and the
 * sweeper ends what was left half way.
 */
@inject()
export class MergeAccounts {
  constructor(private readonly ledger: Ledger) {}

  async handle({ from, into, actor, reason }: MergeRequest): Promise<MergeOutcome> {
    if (from === into) throw new MovementFault('An account cannot be merged into itself.')
    const state = await this.ledger.state(into)
    if (!state) throw new AccountMissingFault(into)
    if (state === 'closed') return { outcome: 'account_closed' }
    // First, so that nothing more comes in once the rest has gone.
    if (!(await this.ledger.setState(from, 'closed'))) throw new AccountMissingFault(from)
    const reference = newId('trf')
    await this.ledger.transferOut({ accountId: from, to: into, reference, actor, reason })
    const underWay = await this.ledger.transfersUnderWay(UNDER_WAY, from)
    for (const transfer of underWay) await this.finish(transfer)
    return { outcome: 'merged', arrived: underWay.length }
  }

  /** The second half of a transfer. May be repeated, by whoever finds it under way. */
  async finish(transfer: Transfer) {
    await this.ledger.transferIn(transfer)
    await this.ledger.transferArrived(transfer)
  }
}
