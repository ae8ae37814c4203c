import { inject } from '@adonisjs/core'
import type { Credits } from '#core/ledger/credits'
import { DirectHolds, type DirectHold } from '#core/ledger/direct_holds'
import type { Actor } from '#core/ledger/types'

type SettleOutcome =
  /** Settled at this cost, now or by an earlier call that said the same. */
  | { outcome: 'settled'; hold: DirectHold; replayed: boolean }
  /** It ended another way before: nothing more is charged. */
  | { outcome: 'ended'; hold: DirectHold }
  | { outcome: 'too_much'; held: Credits }
  | { outcome: 'missing' }

/** Charges what the caller's own work cost, at most the hold, and returns the rest. */
@inject()
export class SettleHold {
  constructor(private readonly holds: DirectHolds) {}

  async handle(request: {
    accountId: string
    holdId: string
    cost: Credits
    actor: Actor
  }): Promise<SettleOutcome> {
    const end = await this.holds.settle(request)
    if (end.outcome === 'too_much') return end
    const hold = await this.holds.find(request.accountId, request.holdId)
    if (!hold) return { outcome: 'missing' }
    if (hold.cost?.micro !== request.cost.micro) return { outcome: 'ended', hold }
    return { outcome: 'settled', hold, replayed: end.outcome === 'resolved' }
  }
}
