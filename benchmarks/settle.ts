import { PGBENCH_SETTLE, SETTLE_SCHEMA } from './anchors/minimal_settle.js'
import { same, type Benchmark } from './harness/benchmark.js'
import { prepareDatabase } from './harness/app_process.js'
import { BUILD } from './harness/build.js'
import { startChild } from './harness/child.js'
import { useDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import type { Calls, CallsResult } from './harness/load/holders.js'
import { needPgbench } from './harness/pgbench.js'
import { populate } from './harness/population.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'

const ORGANISATIONS = 1000
const CLIENTS = 16
const ROUNDS = 5
const SECONDS = { 'warm-up': 2, 'measured': 3 }
/** More than are settled in a round. */
const HOLDS = { 'warm-up': 8_000, 'measured': 14_000 }

/** Settling: hold, slices, grants, entry with its hash, counters and usage event, by the ledger itself. */
export default {
  name: 'settle',
  about:
    'the settle call by 16 callers over 1,000 organisations with 3 grants, 3 speed rules and 2 budgets each, against pgbench doing the minimal one-statement settle at 16 clients',
  unit: 'x',
  better: 'higher',
  floor: 0.5,
  target: 0.8,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const database = await useDatabase(lifetime, directory)
    prepareDatabase({ databaseUrl: database.url, directory, worker: 'off' })
    await populate(database, ORGANISATIONS)
    await database.client.query(SETTLE_SCHEMA)
    const { rows: organisations } = await database.client.query('select id from accounts')
    const accounts = organisations.map(({ id }) => id)
    const holders = startChild(lifetime, {
      file: new URL('benchmarks/harness/load/holders.js', BUILD),
      cwd: BUILD,
      env: { DATABASE_URL: database.url },
      execArgv: [],
      directory,
    })
    const ask = (calls: Partial<Calls>) =>
      holders.ask<CallsResult>({ accounts, callers: CLIENTS, seconds: 600, calls: 1e9, ...calls })
    const pgbench = await needPgbench(database, {
      directory,
      name: 'settle',
      script: PGBENCH_SETTLE,
    })

    const counted = { held: 0, settled: 0, anchor: 0 }
    const rounds = await interleave(
      {
        settle: async (phase) => {
          const opened = await ask({ verb: 'hold', callers: 64, calls: HOLDS[phase] })
          same('Outcomes of holds', Object.keys(opened.outcomes).join(' '), 'held')
          const result = await ask({ verb: 'settle', seconds: SECONDS[phase] })
          same('Outcomes of settlements', Object.keys(result.outcomes).join(' '), 'now')
          counted.held += opened.count
          counted.settled += result.count
          return result
        },
        pgbench: async (phase) => {
          const result = await pgbench(SECONDS[phase], CLIENTS)
          counted.anchor += result.count
          return result
        },
      },
      ROUNDS
    )

    const { rows } = await database.client.query(`select
      (select count(*) from holds where state = 'settled') as settled,
      (select count(*) from entries where kind = 'consume') as entries,
      (select count(*) from usage_events) as usage,
      (select count(*) from holds) as held,
      (select count(*) from ledger_violations) as violations,
      (select sum(available)::bigint from settle_accounts) as anchor`)
    for (const what of ['settled', 'entries', 'usage']) {
      same(`Rows of ${what}`, rows[0][what], counted.settled)
    }
    same('Rows of holds', rows[0].held, counted.held)
    same('Violations of the ledger', rows[0].violations, 0)
    same('Settled by the anchor', rows[0].anchor, counted.anchor)
    const ratios = rounds.map(({ settle, pgbench: anchor }) => settle.perSecond / anchor.perSecond)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        callers: CLIENTS,
        rounds: `${ROUNDS} × ${SECONDS.measured} s a side`,
      },
      table: {
        columns: ['round', 'settle /s', 'p50 ms', 'p99 ms', 'pgbench /s', 'ratio'],
        rows: rounds.map(({ settle, pgbench: anchor }, n) => [
          ...[n + 1, settle.perSecond, settle.p50Ms, settle.p99Ms, anchor.perSecond, ratios[n]],
        ]),
      },
      notes: [
        `${counted.settled} holds were settled, with as many entries and usage events; no violation of the ledger.`,
      ],
    }
  },
} satisfies Benchmark
