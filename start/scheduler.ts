import type { ApplicationService } from '@adonisjs/core/types'
import { AdvisoryTurns } from '#adapters/postgres/advisory_turns'
import { Scheduler, type Chore } from '#core/schedule/scheduler'
import { KeepHouse } from '#app/billing/actions/keep_house'
import { ForgetQuotes } from '#app/generations/actions/forget_quotes'
import { ResetCredits } from '#app/billing/actions/reset_credits'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What runs by the clock in every process that works on jobs, in one of them at a time. */
export async function makeScheduler(app: ApplicationService): Promise<Scheduler> {
  const logger = await app.container.make('logger')
  const keepHouse = await app.container.make(KeepHouse)
  const resetCredits = await app.container.make(ResetCredits)
  const chores: Chore[] = [
    {
      name: 'credits:reset',
      everyMs: MINUTE,
      async run() {
        const totals = await resetCredits.handle({
          onResult({ accountId, outcome, planId }) {
            if (outcome !== 'unknown_plan') return
            logger.error(
              { org: accountId, plan: planId },
              'an organisation is on a plan that config/plans.ts does not have; give it another'
            )
          },
          onFault: (accountId, error) =>
            logger.error(
              { err: error, org: accountId },
              'the credits of a plan could not be reset'
            ),
        })
        if (totals.granted > 0) logger.info(totals, 'credits were reset')
      },
    },
    {
      name: 'housekeeping',
      everyMs: DAY,
      async run() {
        const kept = await keepHouse.handle()
        const forgottenQuotes = await new ForgetQuotes().handle()
        logger.info({ ...kept, forgottenQuotes }, 'the house was kept')
      },
    },
  ]
  const turns = new AdvisoryTurns(await app.container.make('lucid.db'))
  return new Scheduler({ turns, chores, logger })
}
