import { checkAccepted } from './harness/accepted_check.js'
import { CONNECTIONS, prepareAccepting, ROUNDS, SECONDS, useFloods } from './harness/accepting.js'
import type { Benchmark } from './harness/benchmark.js'
import { generationRequest } from './harness/generation_request.js'
import { Generator } from './harness/load/generator.js'
import {
  checkReserves,
  reserveRequests,
  startReserveAnchor,
  usePgbenchReserve,
  voidCheck,
} from './harness/reserve_anchor.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'

/** Accepting a generation durably: key, limits, hold, generation, job and event, with the worker off. */
export default {
  name: 'accept',
  about:
    'POST /v1/generations at 16 connections over 1,000 organisations with 3 grants, 3 speed rules and 2 budgets each, against bare node:http doing one durable minimal reserve statement over 1,000 rows',
  unit: 'x',
  better: 'higher',
  floor: 0.5,
  target: 0.75,
  async run(lifetime) {
    const { directory, database, keys, start } = await prepareAccepting(lifetime)
    const ports = {
      accept: await start(),
      reserve: await startReserveAnchor(lifetime, { database, directory }),
    }
    const pgbench = await usePgbenchReserve(database, directory)
    const generator = await Generator.start(lifetime, directory, {
      accept: keys.map(generationRequest),
      reserve: reserveRequests(),
    })

    const { answers, flood } = useFloods(generator, ports)
    const rounds = await interleave(
      {
        accept: flood('accept'),
        reserve: flood('reserve'),
        pgbench: async (phase) => {
          const result = await pgbench?.(SECONDS[phase])
          answers.reserve += result?.count ?? 0
          return result?.perSecond
        },
      },
      ROUNDS
    )

    await checkAccepted(database, answers.accept)
    await checkReserves(database, answers.reserve)
    const ratios = rounds.map(({ accept, reserve }) => accept.perSecond / reserve.perSecond)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        connections: CONNECTIONS,
        rounds: `${ROUNDS} × ${SECONDS.measured} s a side`,
        worker: 'off',
      },
      table: {
        columns: [
          'round',
          'accept /s',
          'p50 ms',
          'p99 ms',
          'anchor /s',
          'p50 ms',
          'p99 ms',
          'pgbench /s',
          'ratio',
        ],
        rows: rounds.map(({ accept, reserve, pgbench: rate }, n) => [
          n + 1,
          accept.perSecond,
          accept.p50Ms,
          accept.p99Ms,
          reserve.perSecond,
          reserve.p50Ms,
          reserve.p99Ms,
          rate ?? '–',
          ratios[n],
        ]),
      },
      notes: [
        `${answers.accept} answers of 202, as many holds, jobs, generations and events; no violation of the ledger.`,
        voidCheck(
          rounds.map(({ reserve, pgbench: rate }) => ({ anchor: reserve.perSecond, pgbench: rate }))
        ),
      ],
    }
  },
} satisfies Benchmark
