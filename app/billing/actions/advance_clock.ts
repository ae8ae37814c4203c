import { inject } from '@adonisjs/core'
import { AccountClock, type AdvanceResult } from '#core/ledger/account_clock'
import { Plans, type ResetPart } from '#core/plans/plans'

/** A plan by the day for ten years. */
const MOST_STEPS = 4000

export type ClockMove = AdvanceResult & { granted: ResetPart[] }

/**
 * Moves the clock of a test account, stopping at each reset on the way, so that a year passes as
 * it would have: every period gets its credits and loses what expires.
 */
@inject()
export class AdvanceClock {
  constructor(
    private readonly clock: AccountClock,
    private readonly plans: Plans
  ) {}

  async handle(accountId: string, to: Date): Promise<ClockMove> {
    const granted: ResetPart[] = []
    for (let step = 0; step < MOST_STEPS; step++) {
      const [state, now] = await Promise.all([
        this.plans.state(accountId),
        this.clock.now(accountId),
      ])
      const stop = state?.plan && state.nextAt > now && state.nextAt < to ? state.nextAt : to
      const moved = await this.clock.advance(accountId, stop)
      if (moved.outcome !== 'advanced') return { ...moved, granted }
      const { parts } = await this.plans.reset(accountId)
      granted.push(...parts.filter(({ outcome }) => outcome === 'granted'))
      if (stop === to) return { ...moved, granted }
    }
    throw new Error(
      `The clock of ${accountId} stopped ${MOST_STEPS} times. Move it in smaller steps.`
    )
  }
}
