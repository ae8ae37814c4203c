import { SCHEMA } from './anchors/minimal_reserve.js'
import { PGBENCH_HOT_RESERVE } from './anchors/minimal_settle.js'
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

const CALLERS = 64
const CLIENTS = [1, 4, 16, 64]
const ROUNDS = 5
const SECONDS = { 'warm-up': 1, 'measured': 2 }

/** One account that everybody wants at once. */
export default {
  name: 'hot-account',
  about:
    '64 parallel holds of the ledger on one account with 3 grants and no limits, without HTTP, against the best of pgbench doing the minimal reserve on one row at 1, 4, 16 and 64 clients',
  unit: 'x',
  better: 'higher',
  floor: 1.5,
  target: 4,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const database = await useDatabase(lifetime, directory)
    const { client } = database
    prepareDatabase({ databaseUrl: database.url, directory, worker: 'off' })
    await populate(database, 2)
    await client.query(SCHEMA)
    const { rows: organisations } = await client.query('select id from accounts order by id')
    const [free, limited]: string[] = organisations.map(({ id }) => id)
    await client.query('delete from limit_rules where account_id = $1', [free])
    const holders = startChild(lifetime, {
      file: new URL('benchmarks/harness/load/holders.js', BUILD),
      cwd: BUILD,
      env: { DATABASE_URL: database.url },
      execArgv: [],
      directory,
    })
    const pgbench = await needPgbench(database, {
      directory,
      name: 'hot_reserve',
      script: PGBENCH_HOT_RESERVE,
    })

    const counted: Record<string, number> = { [free]: 0, [limited]: 0, anchor: 0 }
    const hold = (account: string) => async (phase: keyof typeof SECONDS) => {
      const calls: Calls = {
        ...{ verb: 'hold', accounts: [account], callers: CALLERS, calls: 1e9 },
        seconds: SECONDS[phase],
      }
      const result = await holders.ask<CallsResult>({ ...calls })
      same('Outcomes of holds', Object.keys(result.outcomes).join(' '), 'held')
      counted[account] += result.count
      return result
    }
    const rounds = await interleave(
      {
        free: hold(free),
        pgbench: async (phase) => {
          const rates: number[] = []
          for (const clients of CLIENTS) {
            const result = await pgbench(SECONDS[phase], clients)
            counted.anchor += result.count
            rates.push(result.perSecond)
          }
          return rates
        },
        limited: hold(limited),
      },
      ROUNDS
    )

    for (const account of [free, limited]) {
      const { rows } = await client.query(
        'select count(*) as holds, sum(amount_micro)::bigint as held from holds where account_id = $1',
        [account]
      )
      same('Rows of holds', rows[0].holds, counted[account])
      const text = 'select held_micro from accounts where id = $1'
      const { rows: accounts } = await client.query(text, [account])
      same('Held', accounts[0].held_micro, rows[0].held)
    }
    const { rows: checks } = await client.query(`select
      (select held from reserve_accounts where id = 1) as anchor,
      (select count(*) from ledger_violations) as violations`)
    same('Reserved by the anchor', checks[0].anchor, counted.anchor)
    same('Violations of the ledger', checks[0].violations, 0)
    const ratios = rounds.map(
      ({ free: { perSecond }, pgbench: rates }) => perSecond / Math.max(...rates)
    )
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        callers: CALLERS,
        rounds: `${ROUNDS} × ${SECONDS.measured} s a side`,
      },
      table: {
        columns: [
          ...['round', 'hold /s', 'p50 ms', 'p99 ms'],
          ...CLIENTS.map((clients) => `pgbench ${clients} /s`),
          ...['ratio', 'with 5 limits /s'],
        ],
        rows: rounds.map(({ free: one, pgbench: rates, limited: other }, n) => [
          ...[n + 1, one.perSecond, one.p50Ms, one.p99Ms],
          ...rates,
          ...[ratios[n], other.perSecond],
        ]),
      },
      notes: [
        `p99 ${median(rounds.map(({ free: one }) => one.p99Ms)).toFixed(1)} ms.`,
        `${counted[free] + counted[limited]} holds, as many as were answered; no violation of the ledger.`,
      ],
    }
  },
} satisfies Benchmark
