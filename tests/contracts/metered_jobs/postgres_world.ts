import { randomBytes } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import type { LoggerService } from '@adonisjs/core/types'
import { Database } from '@adonisjs/lucid/database'
import type { Bus } from '#adapters/bus/bus'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { PostgresAccountClock } from '#adapters/ledger/postgres_account_clock'
import { PostgresDirectHolds } from '#adapters/ledger/postgres_direct_holds'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { PostgresNotices } from '#adapters/notices/postgres_notices'
import { PostgresPlans } from '#adapters/plans/postgres_plans'
import { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { PostgresBudgets } from '#adapters/quota/postgres_budgets'
import { PostgresQuota } from '#adapters/quota/postgres_quota'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { Ledger } from '#core/ledger/ledger'
import type { JobQueue } from '#core/queue/job_queue'
import { prepareDatabase } from '#database/prepare'
import { dropDatabase, newDatabase } from '#tests/scratch_database'
import { forgeriesOf } from './postgres_forgeries.js'
import { rowsOf } from './postgres_rows.js'
import { PLANS } from '../plans/plans.js'
import type { Process, World } from './world.js'

/** A bus of one process, not yet connected. */
export type MakeBus = (url: string) => Promise<Bus>

/** The queue of one process. */
export type MakeQueue = (sql: Sql, bus: Bus) => JobQueue

const worlds = new Map<MakeBus, Promise<World>>()

/**
 * The contracts as Postgres keeps them, in a database of their own: the worker of the
 * application under test must not take their jobs. Made once, gone when the run ends.
 */
export function postgresWorld(makeBus = postgresBus): Promise<World> {
  const known = worlds.get(makeBus)
  if (known) return known
  const world = newWorld(makeBus)
  worlds.set(makeBus, world)
  return world
}

export async function postgresBus(url: string): Promise<Bus> {
  return new PostgresBus(url, await app.container.make('logger'))
}

/** Such a world, with its jobs kept by another queue over the same rows. */
export async function newWorld(
  makeBus: MakeBus,
  makeQueue: MakeQueue = (sql, bus) => new PostgresJobQueue(sql, bus)
): Promise<World> {
  const url = await newDatabase(process.env.DATABASE_URL!, 'contracts')
  const db = await connect(url)
  await prepareDatabase(app, db)
  const sql = new Sql(db)
  const logger = await app.container.make('logger')
  const bus = await makeBus(url)
  await bus.connect()
  app.terminating(async () => {
    await bus.close()
    await db.manager.closeAll()
    await dropDatabase(process.env.DATABASE_URL!, url)
  })

  const keepers = processOver(sql, makeQueue(sql, bus), bus, logger)
  const { ledger, metered, queue } = keepers
  const one = (text: string, values: unknown[]) => sql.rows(text, values)
  const grant = (accountId: string, decimal: string) =>
    ledger.grant({
      accountId,
      kind: 'admin',
      amount: Credits.parse(decimal),
      source: 'test',
      sourceRef: randomBytes(8).toString('hex'),
      actor: 'system:test',
      reason: 'for a test',
    })

  return {
    ...keepers,
    ...rowsOf(sql),
    forgeries: forgeriesOf(db),

    async neighbour() {
      const otherDb = await connect(url)
      const otherSql = new Sql(otherDb)
      const otherBus = await makeBus(url)
      await otherBus.connect()
      return {
        ...processOver(otherSql, makeQueue(otherSql, otherBus), otherBus, logger),
        async close() {
          await otherBus.close()
          await otherDb.manager.closeAll()
        },
      }
    },

    async newAccount({ credits = '100', timezone, test = false } = {}) {
      const id = newId(test ? 'tst' : 'org')
      const live = test ? newId('org') : null
      if (live) await one('insert into organisations (id, name) values ($1, $1)', [live])
      await one('insert into organisations (id, name, test_of) values ($1, $1, $2)', [id, live])
      await ledger.open(id, timezone)
      if (credits !== '0') await grant(id, credits)
      return id
    },
    async transaction(task) {
      const transaction = await db.transaction()
      const end = await task(transaction).catch((error) =>
        transaction.rollback().then(() => Promise.reject(error))
      )
      await (end === 'commit' ? transaction.commit() : transaction.rollback())
    },
    async whileLocked(accountId, task) {
      await db.transaction(async (transaction) => {
        await transaction.rawQuery('select from accounts where id = ? for update', [accountId])
        await task()
      })
    },
    async progressAround({ accountId, jobId, token }, progress, task) {
      await db.transaction(async (transaction) => {
        const step = { account: accountId, job: jobId, token: String(token), progress }
        await transaction.rawQuery('select job_progress(?::jsonb)', [JSON.stringify(step)])
        await task()
      })
    },
    async finishAll() {
      const { endLease } = rowsOf(sql)
      const open = await sql.rows<{ account_id: string; id: string; metered: boolean }>(
        `select account_id, id, metered from jobs where state in ('queued', 'running')`
      )
      for (const { account_id: accountId, id: jobId, metered: isMetered } of open) {
        const ref = { accountId, jobId }
        const { outcome } = await (isMetered ? metered : queue).cancel(ref, 'system:test')
        if (outcome !== 'requested') continue
        await endLease(ref)
        await (isMetered ? metered.expire(ref, 'canceled') : queue.expire(ref))
      }
      const held = await sql.rows<{ account_id: string; id: string }>(
        'select account_id, id from direct_holds where due is not null'
      )
      for (const { account_id: accountId, id: holdId } of held) {
        await keepers.directHolds.release({ accountId, holdId, actor: 'system:test' })
      }
      const depth = await queue.depth()
      if (depth.queued + depth.running > 0) throw new Error('A job is still open.')
    },
  }
}

function processOver(sql: Sql, queue: JobQueue, bus: Bus, logger: LoggerService): Process {
  const ledger: Ledger = new PostgresLedger(sql, (accountId) => notices.look(accountId))
  const notices = new PostgresNotices(
    sql,
    (accountId) => ledger.verify(accountId),
    { lowBalance: Credits.parse('5') },
    logger
  )
  return {
    ledger,
    notices,
    metered: new PostgresMeteredJobs(sql, bus, (accountId) => notices.look(accountId)),
    directHolds: new PostgresDirectHolds(sql, ledger),
    queue,
    streams: new PostgresStreams(sql, bus),
    quota: new PostgresQuota(sql, []),
    budgets: new PostgresBudgets(sql, []),
    plans: new PostgresPlans(sql, PLANS),
    clock: new PostgresAccountClock(sql),
  }
}

export async function connect(connectionString: string): Promise<Database> {
  const config = structuredClone(app.config.get<any>('database.connections.postgres.migrations'))
  return new Database(
    {
      connection: 'postgres',
      connections: {
        postgres: {
          client: 'pg',
          connection: { connectionString },
          pool: { min: 0, max: 20 },
          migrations: config,
        },
      },
    },
    await app.container.make('logger'),
    await app.container.make('emitter')
  )
}
