import { Emitter } from '@adonisjs/core/events'
import { Logger } from '@adonisjs/core/logger'
import { Database } from '@adonisjs/lucid/database'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import settings from '#config/worker'
import { PlainJobHandler } from '#core/queue/job_handler'
import type { MeteredJobs } from '#core/queue/metered_jobs'
import { Worker } from '#core/queue/worker'
import type { Streams } from '#core/streams/streams'
import { CONCURRENCY, serveQueue } from './queue_program.js'

/** DayGen's queue with plain jobs of 100 organisations: each with a lease, a token and a line of its story for each change. */
const url = process.env.DATABASE_URL!
const logger = new Logger({ enabled: false })
const db = new Database(
  {
    connection: 'postgres',
    connections: {
      postgres: {
        client: 'pg',
        connection: { connectionString: url },
        pool: { min: 2, max: 20 },
      },
    },
  },
  logger,
  new Emitter({} as never) as never
)
const sql = new Sql(db)
const bus = new PostgresBus(url, logger)
await bus.connect()
const queue = new PostgresJobQueue(sql, bus)
const ACCOUNTS = Array.from({ length: 100 }, (_, n) => `org_bench_${n}`)
const BATCH = 1_000

class Nothing extends PlainJobHandler {
  readonly kind = 'nothing'

  constructor(private readonly begun: () => void) {
    super()
  }

  async handle() {
    this.begun()
  }
}

serveQueue({
  async add(count) {
    for (let first = 0; first < count; first += BATCH) {
      const jobs = Array.from({ length: Math.min(BATCH, count - first) }, (_, n) => ({
        accountId: ACCOUNTS[(first + n) % ACCOUNTS.length],
        kind: 'nothing',
        payload: { n },
      }))
      await queue.add(jobs)
    }
    queue.wake()
  },
  async work(begun) {
    const worker = new Worker({
      queue,
      // Only what has a price, or somebody who watches, would need them.
      metered: {} as MeteredJobs,
      streams: {} as Streams,
      handlers: [new Nothing(begun)],
      settings: { ...settings, concurrency: CONCURRENCY },
      logger: { error: (facts, message) => console.error(message, facts), info() {} },
    })
    worker.start()
    return () => worker.stop()
  },
  async left() {
    const { queued, running } = await queue.depth()
    return queued + running
  },
})
