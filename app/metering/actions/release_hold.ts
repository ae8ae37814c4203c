import { inject } from '@adonisjs/core'
import { DirectHolds, type DirectHold } from '#core/ledger/direct_holds'
import type { Actor } from '#core/ledger/types'

type ReleaseOutcome =
  /** Nothing was charged, now or by an earlier end. */
  | { outcome: 'released'; hold: DirectHold; replayed: boolean }
  /** It was settled before, and stays so. */
  | { outcome: 'ended'; hold: DirectHold }
  | { outcome: 'missing' }

/** Returns the whole hold of work that came to nothing. */
@inject()
export class ReleaseHold {
  constructor(private readonly holds: DirectHolds) {}

  async handle(request: {
    accountId: string
    holdId: string
    actor: Actor
  }): Promise<ReleaseOutcome> {
    const end = await this.holds.release(request)
    const hold = await this.holds.find(request.accountId, request.holdId)
    if (!hold) return { outcome: 'missing' }
    if (hold.state === 'settled') return { outcome: 'ended', hold }
    return { outcome: 'released', hold, replayed: end.outcome === 'resolved' }
  }
}
