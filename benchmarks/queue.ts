import { same, type Benchmark } from './harness/benchmark.js'
import type { BenchDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import { startQueues } from './harness/queue_peers.js'
import { CONCURRENCY } from './harness/queue_program.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'

const ROUNDS = 5
const JOBS = {
  daygen: { 'warm-up': 3_000, 'measured': 8_000 },
  graphile: { 'warm-up': 1_000, 'measured': 2_000 },
  boss: { 'warm-up': 500, 'measured': 2_000 },
  bull: { 'warm-up': 2_000, 'measured': 5_000 },
}

/** How many jobs that do nothing one worker gets through, from a full queue to an empty one. */
export default {
  name: 'queue',
  about:
    'jobs/s of one worker process at concurrency 16 with fenced outcomes and a line in the story for each change, 100 organisations taking turns, against graphile-worker 0.18 as it comes',
  unit: 'x',
  better: 'higher',
  floor: 1,
  target: 8,
  async run(lifetime) {
    const sides = await startQueues(lifetime, await useDirectory(lifetime))
    let done = 0
    const rate = (side: keyof typeof JOBS) => async (phase: 'warm-up' | 'measured') => {
      const count = JOBS[side][phase]
      const ms = await sides[side]?.drain(count)
      if (side === 'daygen') done += count
      return ms === undefined ? null : (count / ms) * 1_000
    }
    const rounds = await interleave(
      {
        daygen: rate('daygen') as (phase: 'warm-up' | 'measured') => Promise<number>,
        graphile: rate('graphile') as (phase: 'warm-up' | 'measured') => Promise<number>,
        boss: rate('boss'),
        bull: rate('bull'),
      },
      ROUNDS
    )
    await checkDone(sides.database, done)
    const ratios = rounds.map(({ daygen, graphile }) => daygen / graphile)
    return {
      value: median(ratios),
      settings: {
        ...(await sides.database.describe()),
        concurrency: CONCURRENCY,
        rounds: `${ROUNDS} × ${JOBS.daygen.measured} and ${JOBS.graphile.measured} jobs`,
      },
      table: {
        columns: ['round', 'daygen /s', 'graphile-worker /s', 'ratio', 'pg-boss /s', 'BullMQ /s'],
        rows: rounds.map(({ daygen, graphile, boss, bull }, n) => [
          n + 1,
          daygen,
          graphile,
          ratios[n],
          boss ?? '–',
          bull ?? '–',
        ]),
      },
      notes: [
        `${done} jobs, each with its three events and one success; nothing is left in the queue.`,
        'pg-boss fetches batches as large as the concurrency and fetches on while they are full. BullMQ keeps its jobs in the memory of Redis: another duty, as what is answered there may be lost.',
      ],
    }
  },
} satisfies Benchmark

async function checkDone({ client }: BenchDatabase, done: number) {
  const { rows } = await client.query(`select
    (select count(*) from jobs where state = 'succeeded' and attempt = 1 and token = 1) as jobs,
    (select count(*) from job_events where type = 'queued') as queued,
    (select count(*) from job_events where type = 'running') as running,
    (select count(*) from job_events where type = 'succeeded') as succeeded,
    (select count(*) from jobs where state <> 'succeeded') as open`)
  const { open, ...written } = rows[0]
  for (const [what, count] of Object.entries(written)) same(`Rows of ${what}`, count, done)
  same('Jobs left', open, 0)
}
