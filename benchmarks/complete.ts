import { setTimeout as sleep } from 'node:timers/promises'
import { PGBENCH_SCRIPT, SCHEMA } from './anchors/minimal_reserve.js'
import { PGBENCH_SETTLE, SETTLE_SCHEMA } from './anchors/minimal_settle.js'
import { prepareDatabase, startApp, type AppOptions } from './harness/app_process.js'
import { same, type Benchmark } from './harness/benchmark.js'
import { useDatabase, type BenchDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import { generationRequest } from './harness/generation_request.js'
import { Generator } from './harness/load/generator.js'
import { needPgbench } from './harness/pgbench.js'
import { populate } from './harness/population.js'
import { interleave } from './harness/rounds.js'
import { checkSettled } from './harness/settled_check.js'
import { median } from './harness/statistics.js'

const ORGANISATIONS = 1000
const CLIENTS = 16
const ROUNDS = 5
/** Generations that are asked for in a round. */
const JOBS = { 'warm-up': 500, 'measured': 2_000 }
const SECONDS = { 'warm-up': 2, 'measured': 4 }
const LOOK_EVERY_MS = 20
const DRAIN_MS = 60_000

/** From the first POST until the last of them is settled: claim, attempt, file and end of each. */
export default {
  name: 'complete',
  about:
    'generations from accepted to settled by one process with a provider that answers at once, the queue drained, over 1,000 organisations, against pgbench doing one minimal reserve and one minimal settle at 16 clients',
  unit: 'x',
  better: 'higher',
  floor: 0.15,
  target: 0.35,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const database = await useDatabase(lifetime, directory)
    const options: AppOptions = {
      databaseUrl: database.url,
      directory,
      worker: 'inline',
      preload: 'harness/instant_sandbox.js',
    }
    prepareDatabase(options)
    const keys = await populate(database, ORGANISATIONS)
    await database.client.query(SCHEMA)
    await database.client.query(SETTLE_SCHEMA)
    const port = await startApp(lifetime, options)
    const generator = await Generator.start(lifetime, directory, {
      accept: keys.map(generationRequest),
    })
    const pgbench = await needPgbench(database, {
      directory,
      name: 'complete',
      script: PGBENCH_SCRIPT + PGBENCH_SETTLE,
    })

    const counted = { settled: 0, anchor: 0 }
    const rounds = await interleave(
      {
        complete: async (phase) => {
          const start = performance.now()
          const { statuses } = await generator.flood('accept', {
            port,
            connections: CLIENTS,
            seconds: DRAIN_MS / 1000,
            requests: JOBS[phase],
          })
          same('Answers', Object.keys(statuses).join(' '), '202')
          await drained(database)
          counted.settled += statuses[202]
          return statuses[202] / ((performance.now() - start) / 1000)
        },
        pgbench: async (phase) => {
          const result = await pgbench(SECONDS[phase], CLIENTS)
          counted.anchor += result.count
          return result.perSecond
        },
      },
      ROUNDS
    )

    await checkSettled(database, counted.settled)
    const { rows } = await database.client.query(`select
      (select sum(held)::bigint from reserve_accounts) as reserved,
      (select sum(available)::bigint from settle_accounts) as settled`)
    same('Reserved by the anchor', rows[0].reserved, counted.anchor)
    same('Settled by the anchor', rows[0].settled, counted.anchor)
    const ratios = rounds.map(({ complete, pgbench: anchor }) => complete / anchor)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        connections: CLIENTS,
        rounds: `${ROUNDS} × ${JOBS.measured} generations`,
        worker: 'inline',
      },
      table: {
        columns: ['round', 'complete /s', 'pgbench /s', 'ratio'],
        rows: rounds.map(({ complete, pgbench: anchor }, n) => [
          n + 1,
          complete,
          anchor,
          ratios[n],
        ]),
      },
      notes: [
        `${counted.settled} generations succeeded, each settled once with its usage and its file; nothing is left in the queue.`,
        'The sandbox has drawn its picture before and hands it out at once.',
      ],
    }
  },
} satisfies Benchmark

async function drained({ client }: BenchDatabase) {
  const deadline = Date.now() + DRAIN_MS
  for (;;) {
    const { rows } = await client.query(
      `select exists (select from jobs where state in ('queued', 'running')) as open`
    )
    if (!rows[0].open) return
    if (Date.now() > deadline) throw new Error('The queue was not drained in a minute.')
    await sleep(LOOK_EVERY_MS)
  }
}
