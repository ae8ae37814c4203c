import type { Benchmark } from './harness/benchmark.js'
import { useDirectory } from './harness/directory.js'
import { startQueues } from './harness/queue_peers.js'
import { interleave } from './harness/rounds.js'
import { median, quantile } from './harness/statistics.js'

const ROUNDS = 5
const JOBS = { 'warm-up': 50, 'measured': 100 }
/** It polls every half second. */
const JOBS_OF_BOSS = { 'warm-up': 2, 'measured': 5 }

/** How long a job waits that comes to an idle worker. */
export default {
  name: 'queue-latency',
  about:
    'from adding a job to an idle queue to the start of its handler, p50, against graphile-worker 0.18 as it comes',
  unit: 'x',
  better: 'lower',
  floor: 2.5,
  target: 1,
  async run(lifetime) {
    const sides = await startQueues(lifetime, await useDirectory(lifetime))
    const rounds = await interleave(
      {
        daygen: (phase) => sides.daygen.latencies(JOBS[phase]),
        graphile: (phase) => sides.graphile.latencies(JOBS[phase]),
        boss: (phase) => sides.boss.latencies(JOBS_OF_BOSS[phase]),
        bull: async (phase) => sides.bull?.latencies(JOBS[phase]),
      },
      ROUNDS
    )
    const ratios = rounds.map(({ daygen, graphile }) => median(daygen) / median(graphile))
    return {
      value: median(ratios),
      settings: {
        ...(await sides.database.describe()),
        rounds: `${ROUNDS} × ${JOBS.measured} jobs, one at a time`,
      },
      table: {
        columns: [
          'round',
          'daygen p50 ms',
          'p95 ms',
          'graphile-worker p50 ms',
          'p95 ms',
          'ratio',
          'pg-boss p50 ms',
          'BullMQ p50 ms',
        ],
        rows: rounds.map(({ daygen, graphile, boss, bull }, n) => [
          n + 1,
          median(daygen),
          quantile(daygen, 0.95),
          median(graphile),
          quantile(graphile, 0.95),
          ratios[n],
          median(boss),
          bull ? median(bull) : '–',
        ]),
      },
      notes: ['Each side adds in the process that works. pg-boss polls, here twice a second.'],
    }
  },
} satisfies Benchmark
