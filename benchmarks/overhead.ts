import { prepareDatabase, startApp, type AppOptions } from './harness/app_process.js'
import { same, type Benchmark } from './harness/benchmark.js'
import { startChild } from './harness/child.js'
import { useDatabase, type BenchDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import { generationRequest } from './harness/generation_request.js'
import type { Stories, StoriesResult } from './harness/load/stories.js'
import { populate } from './harness/population.js'
import { checkReserves, reserveRequests, startReserveAnchor } from './harness/reserve_anchor.js'
import { interleave } from './harness/rounds.js'
import { checkSettled } from './harness/settled_check.js'
import { median, quantile } from './harness/statistics.js'

const ROUNDS = 5
const COUNT = {
  generation: { 'warm-up': 20, 'measured': 30 },
  reserve: { 'warm-up': 500, 'measured': 500 },
}

/** What DayGen adds to a vendor that answers at once: all the way to the event that says it is done. */
export default {
  name: 'overhead',
  about:
    'POST /v1/generations to the terminal event of its stream, one at a time with the worker in the same process, p50, against the p50 of bare node:http doing one durable minimal reserve statement',
  unit: 'x',
  better: 'lower',
  floor: 30,
  target: 12,
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
    const [key] = await populate(database, 1)
    const generation = {
      port: await startApp(lifetime, options),
      ask: generationRequest(key),
      follow: true,
    }
    const reserve = {
      port: await startReserveAnchor(lifetime, { database, directory }),
      ask: reserveRequests()[0],
      follow: false,
    }
    const teller = startChild(lifetime, {
      file: new URL('./harness/load/stories.ts', import.meta.url),
      directory,
    })
    const tell = (stories: Stories) => teller.ask<StoriesResult>(stories)

    const ended = { generation: 0, reserve: 0 }
    const rounds = await interleave(
      {
        generation: async (phase) => {
          const result = await tell({ ...generation, count: COUNT.generation[phase] })
          ended.generation += endings(result, 'succeeded')
          return result.latenciesMs
        },
        reserve: async (phase) => {
          const result = await tell({ ...reserve, count: COUNT.reserve[phase] })
          ended.reserve += endings(result, '200')
          return result.latenciesMs
        },
      },
      ROUNDS
    )

    await checkSettled(database, ended.generation)
    await checkReserves(database, ended.reserve)
    const attemptMs = await timeOfAttempt(database)
    const p50s = rounds.map((round) => ({
      generation: median(round.generation),
      reserve: median(round.reserve),
    }))
    const ratios = p50s.map((p50) => p50.generation / p50.reserve)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        connections: 1,
        rounds: `${ROUNDS} × ${COUNT.generation.measured} generations`,
        worker: 'inline',
      },
      table: {
        columns: ['round', 'generation p50 ms', 'p95 ms', 'anchor p50 ms', 'p95 ms', 'ratio'],
        rows: rounds.map((round, n) => [
          n + 1,
          p50s[n].generation,
          quantile(round.generation, 0.95),
          p50s[n].reserve,
          quantile(round.reserve, 0.95),
          ratios[n],
        ]),
      },
      notes: [
        `${ended.generation} generations succeeded, each settled once with its usage and its file; nothing is left in the queue.`,
        `p50 ${median(p50s.map((p50) => p50.generation)).toFixed(1)} ms, of which ${attemptMs.toFixed(1)} ms from the claim to the stored file. The sandbox has drawn its picture before and hands it out at once.`,
      ],
    }
  },
} satisfies Benchmark

/** All of them, or the run does not count. */
function endings({ endings: all }: StoriesResult, wanted: string): number {
  same('How all ended', Object.keys(all).join(', '), wanted)
  return all[wanted]
}

/** As the usage events have it: from the claim to the stored files. */
async function timeOfAttempt({ client }: BenchDatabase): Promise<number> {
  const { rows } = await client.query(
    'select percentile_cont(0.5) within group (order by duration_ms) as ms from usage_events'
  )
  return rows[0].ms
}
