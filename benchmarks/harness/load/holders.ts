import { Emitter } from '@adonisjs/core/events'
import { Logger } from '@adonisjs/core/logger'
import { Database } from '@adonisjs/lucid/database'
import { PostgresDirectHolds } from '#adapters/ledger/postgres_direct_holds'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { Sql } from '#adapters/postgres/sql'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { quantile } from '../statistics.js'

/** Callers that each wait for their answer, with no HTTP between them and the ledger. */
export interface Calls {
  verb: 'hold' | 'settle'
  accounts: string[]
  callers: number
  /** No call begins after these seconds, nor after so many calls. */
  seconds: number
  calls: number
}

export interface CallsResult {
  count: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Answers by outcome. */
  outcomes: Record<string, number>
}

/** As a process: the ledger on a pool as the application has it. Settles what it has held. */
const db = new Database(
  {
    connection: 'postgres',
    connections: {
      postgres: {
        client: 'pg',
        connection: { connectionString: process.env.DATABASE_URL },
        pool: { min: 0, max: 20 },
      },
    },
  },
  new Logger({ enabled: false }),
  // Nobody listens, so that it needs no application.
  new Emitter({} as never) as never
)
const sql = new Sql(db)
const holds = new PostgresDirectHolds(sql, new PostgresLedger(sql))
const open: { accountId: string; holdId: string }[] = []
const HOLD = Credits.fromMicro(2_000n)
const COST = Credits.fromMicro(1_000n)

process.on('message', async (calls: Calls) => process.send!(await run(calls)))
process.on('SIGTERM', () => process.exit(0))

async function hold(accountId: string): Promise<string> {
  const ref = { accountId, holdId: newId('hld') }
  const { outcome } = await holds.open({
    ...ref,
    amount: HOLD,
    expiresInSeconds: 3600,
    keyId: null,
    userId: null,
    limits: NO_LIMITS,
    description: null,
    metadata: {},
    idempotency: null,
  })
  if (outcome === 'held') open.push(ref)
  return outcome
}

const NO_LIMITS: [] = []

async function settle(): Promise<string> {
  const { outcome } = await holds.settle({ ...open.pop()!, cost: COST, actor: 'system:bench' })
  return outcome
}

async function run({ verb, accounts, callers, seconds, calls }: Calls): Promise<CallsResult> {
  const outcomes: Record<string, number> = {}
  const latencies: number[] = []
  let begun = 0
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let asked = performance.now(); asked < end && begun < calls; asked = performance.now()) {
        begun++
        if (verb === 'settle' && open.length === 0) break
        const outcome = await (verb === 'settle'
          ? settle()
          : hold(accounts[Math.floor(Math.random() * accounts.length)]))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        latencies.push(performance.now() - asked)
      }
    })
  )
  const took = (performance.now() - start) / 1000
  return {
    count: latencies.length,
    perSecond: latencies.length / took,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    outcomes,
  }
}
