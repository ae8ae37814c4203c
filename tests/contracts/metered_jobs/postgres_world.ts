import { randomBytes } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { Database } from '@adonisjs/lucid/database'
import type { Bus } from '#adapters/bus/bus'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { PostgresQuota } from '#adapters/quota/postgres_quota'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { prepareDatabase } from '#database/prepare'
import { dropDatabase, newDatabase } from '#tests/scratch_database'
import { forgeriesOf } from './postgres_forgeries.js'
import { rowsOf } from './postgres_rows.js'
import type { Process, World } from './world.js'

/** A bus of one process, not yet connected. */
export type MakeBus = (url: string) => Promise<Bus>

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

async function newWorld(makeBus: MakeBus): Promise<World> {
  const url = await newDatabase(process.env.DATABASE_URL!, 'contracts')
  const db = await connect(url)
  await prepareDatabase(app, db)
  const sql = new Sql(db)
  const bus = await makeBus(url)
  await bus.connect()
  app.terminating(async () => {
    await bus.close()
    await db.manager.closeAll()
    await dropDatabase(process.env.DATABASE_URL!, url)
  })

  const keepers = processOver(sql, bus)
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
      const otherBus = await makeBus(url)
      await otherBus.connect()
      return {
        ...processOver(new Sql(otherDb), otherBus),
        async close() {
          await otherBus.close()
          await otherDb.manager.closeAll()
        },
      }
    },

    async newAccount({ credits = '100', timezone } = {}) {
      const id = newId('org')
      await one('insert into organisations (id, name) values ($1, $1)', [id])
      await ledger.open(id, timezone)
      if (credits !== '0') await grant(id, credits)
      return id
    },
    async whileLocked(accountId, task) {
      await db.transaction(async (transaction) => {
        await transaction.rawQuery('select from accounts where id = ? for update', [accountId])
        await task()
      })
    },
    async finishAll() {
      const { endLease } = rowsOf(sql)
      const open = await sql.rows<{ account_id: string; id: string }>(
        `select account_id, id from jobs where state in ('queued', 'running')`
      )
      for (const { account_id: accountId, id: jobId } of open) {
        const ref = { accountId, jobId }
        const { outcome } = await metered.cancel(ref, 'system:test')
        if (outcome !== 'requested') continue
        await endLease(ref)
        await metered.expire(ref, 'canceled')
      }
      const depth = await queue.depth()
      if (depth.queued + depth.running > 0) throw new Error('A job is still open.')
    },
  }
}

function processOver(sql: Sql, bus: Bus): Process {
  return {
    ledger: new PostgresLedger(sql),
    metered: new PostgresMeteredJobs(sql, bus),
    queue: new PostgresJobQueue(sql, bus),
    streams: new PostgresStreams(sql, bus),
    quota: new PostgresQuota(sql, []),
  }
}

async function connect(connectionString: string): Promise<Database> {
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
