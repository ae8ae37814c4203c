import { Logger } from '@adonisjs/core/logger'
import { Emitter } from '@adonisjs/core/events'
import { Database } from '@adonisjs/lucid/database'
import { Bus } from '#adapters/bus/bus'
import { PostgresDirectHolds } from '#adapters/ledger/postgres_direct_holds'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { PostgresBudgets } from '#adapters/quota/postgres_budgets'

/** The contracts as Postgres keeps them, in this process, without an application around them. */
export interface Keepers {
  db: Database
  sql: Sql
  ledger: PostgresLedger
  directHolds: PostgresDirectHolds
  metered: PostgresMeteredJobs
  queue: PostgresJobQueue
  budgets: PostgresBudgets
  close(): Promise<void>
}

export function connect(connectionString: string, connections = 4): Keepers {
  const db = new Database(
    {
      connection: 'postgres',
      connections: {
        postgres: {
          client: 'pg',
          connection: { connectionString },
          pool: { min: 0, max: connections },
          migrations: { naturalSort: true, paths: ['database/migrations'] },
        },
      },
    },
    new Logger({ enabled: false }),
    // Nobody listens, so that it needs no application.
    new Emitter({} as never) as never
  )
  const sql = new Sql(db)
  const ledger = new PostgresLedger(sql)
  const bus = new SilentBus()
  return {
    db,
    sql,
    ledger,
    directHolds: new PostgresDirectHolds(sql, ledger),
    metered: new PostgresMeteredJobs(sql, bus),
    queue: new PostgresJobQueue(sql, bus),
    budgets: new PostgresBudgets(sql, []),
    close: () => db.manager.closeAll(),
  }
}

/** Other processes poll. */
class SilentBus extends Bus {
  async connect() {}
  async close() {}
  protected send() {}
}
