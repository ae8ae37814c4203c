import pg from 'pg'
import { CONCURRENCY, serveQueue } from '../harness/queue_program.js'

/** graphile-worker as it comes, but for the concurrency. */
const name: string = 'graphile-worker'
const { Logger, makeWorkerUtils, run } = await import(name)
const connectionString = process.env.DATABASE_URL
const logger = new Logger(() => () => {})
const pool = new pg.Pool({ connectionString, max: 20 })
const utils = await makeWorkerUtils({ pgPool: pool, logger })
await utils.migrate()

serveQueue({
  async add(count) {
    if (count === 1) await utils.addJob('nothing', { n: 0 })
    else
      await utils.addJobs(
        Array.from({ length: count }, (_, n) => ({ identifier: 'nothing', payload: { n } }))
      )
  },
  async work(begun) {
    const runner = await run({
      pgPool: pool,
      logger,
      concurrency: CONCURRENCY,
      noHandleSignals: true,
      taskList: { nothing: async () => begun() },
    })
    return () => runner.stop()
  },
  async left() {
    const { rows } = await pool.query('select count(*)::int as left from graphile_worker.jobs')
    return rows[0].left
  },
})
