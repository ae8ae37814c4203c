import type { ApplicationService } from '@adonisjs/core/types'
import env from '#start/env'
import { PostgresTurns } from '#adapters/schedule/postgres_turns'
import { Sql } from '#adapters/postgres/sql'
import { Books } from '#core/ledger/evidence/books'
import { Notary } from '#core/ledger/evidence/notary'
import { RootArchive } from '#core/ledger/evidence/root_archive'
import { RootKey } from '#core/ledger/evidence/signed_root'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { sweepJobs } from '#core/queue/sweep_jobs'
import { Scheduler, type Chore, type Turns } from '#core/schedule/scheduler'
import { Streams } from '#core/streams/streams'
import { Budgets } from '#core/quota/budgets'
import { KeepHouse } from '#app/billing/actions/keep_house'
import { TellDrift } from '#app/pricing/actions/tell_drift'
import { ForgetQuotes } from '#app/generations/actions/forget_quotes'
import { ResetCredits } from '#app/billing/actions/reset_credits'
import { keepDeliveries } from '#app/webhooks/actions/keep_deliveries'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * 60 * MINUTE

/** An account that has begun nothing for so long may not need what it has leased. */
const QUIET_SECONDS = 5 * 60

const LOOK_EVERY_MS = 5 * SECOND
const MOST_AT_ONCE = 4

/** What runs by the clock in every process that works on jobs, in one of them at a time. */
export async function makeScheduler(app: ApplicationService): Promise<Scheduler> {
  return new Scheduler({
    turns: await makeTurns(app),
    chores: await makeChores(app),
    logger: await app.container.make('logger'),
    lookEveryMs: LOOK_EVERY_MS,
    atOnce: Math.min(MOST_AT_ONCE, Math.max(1, Math.floor(env.get('DATABASE_POOL') / 2))),
  })
}

export async function makeTurns(app: ApplicationService): Promise<Turns> {
  return new PostgresTurns(await app.container.make(Sql))
}

export async function makeChores(app: ApplicationService): Promise<Chore[]> {
  const logger = await app.container.make('logger')
  const keepHouse = await app.container.make(KeepHouse)
  const tellDrift = await app.container.make(TellDrift)
  const resetCredits = await app.container.make(ResetCredits)
  const budgets = await app.container.make(Budgets)
  return [
    {
      name: 'credits:reset',
      about: 'grants the credits of every plan whose period has begun',
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
      about: 'makes room for the usage of coming months and forgets what is too old to keep',
      everyMs: DAY,
      async run() {
        const kept = await keepHouse.handle()
        const forgottenQuotes = await new ForgetQuotes().handle()
        logger.info({ ...kept, forgottenQuotes }, 'the house was kept')
      },
    },
    {
      name: 'prices:drift',
      about: 'tells which vendors report other costs than their prices say',
      everyMs: DAY,
      async run() {
        const models = await tellDrift.handle()
        if (models.length > 0) logger.warn({ models }, 'prices are off: node ace prices:drift')
      },
    },
    {
      name: 'webhooks',
      about: 'drops old webhook deliveries and gives up those whose job is gone',
      everyMs: HOUR,
      async run() {
        const { dropped, lost } = await keepDeliveries()
        if (dropped > 0) logger.info({ dropped }, 'old webhook deliveries were dropped')
        if (lost > 0) logger.error({ lost }, 'webhook deliveries had lost their jobs')
      },
    },
    {
      name: 'budgets:return',
      about: 'takes back what quiet accounts have of budgets over all and do not use',
      everyMs: MINUTE,
      async run() {
        const returned = await budgets.giveBack({ quietSeconds: QUIET_SECONDS })
        if (returned > 0) logger.debug({ returned }, 'leases of budgets came back')
      },
    },
  ]
}

/** What workers and servers do by themselves while they run: for where none runs all the time. */
export async function makeStandingChores(app: ApplicationService): Promise<Chore[]> {
  const { container } = app
  const logger = await container.make('logger')
  return [
    {
      name: 'jobs:sweep',
      about: 'requeues jobs whose worker died and ends those that nobody will finish',
      everyMs: 15 * SECOND,
      async run() {
        const queue = await container.make(JobQueue)
        const [metered, streams] = await Promise.all([
          container.make(MeteredJobs),
          container.make(Streams),
        ])
        if ((await sweepJobs({ queue, metered, streams, logger })) > 0) queue.wake()
      },
    },
    {
      name: 'ledger:sign',
      about: 'signs the heads of all accounts, unless nothing moved',
      everyMs: MINUTE,
      async run() {
        await new Notary({
          books: await container.make(Books),
          archive: await container.make(RootArchive),
          key: await container.make(RootKey),
          logger,
        }).sign()
      },
    },
  ]
}
