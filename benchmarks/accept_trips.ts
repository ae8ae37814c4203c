import { AnchorMissing, same, type Benchmark } from './harness/benchmark.js'
import { prepareDatabase, startApp, type AppOptions } from './harness/app_process.js'
import { useDatabase, type BenchDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import { generationRequest } from './harness/generation_request.js'
import type { FloodResult } from './harness/load/flood.js'
import { Generator } from './harness/load/generator.js'
import { populate } from './harness/population.js'
import { Wire, type Trips } from './harness/wire.js'

const ORGANISATIONS = 1000
const CONNECTIONS = [1, 16]
const ROUNDS = 3
const REQUESTS = 400
const WARM_UP = 100
const PATIENCE_SECONDS = 120
const PROCESSES = 4
const LIMIT = 300

/** What goes over the same pool by the clock, however many accepts there are. */
const BY_THE_CLOCK = [
  {
    of: /^update "api_keys" set "last_used_at"/,
    what: 'when keys were used, written once in 10 s',
  },
  { of: /^select .* from "api_keys"/, what: 'whose a key is, asked once a minute for each' },
  {
    of: /^select (\* from (ledger_violations|notice_look|notices)\b|notice_)/,
    what: 'what there is to notice of accounts that moved, looked for once a second',
  },
  {
    of: /from (price_book_pages|model_suspensions)\b/,
    what: 'what operators decided, asked every few seconds',
  },
]

/** What one accept asks of Postgres before it answers, and whether many processes count as one. */
export default {
  name: 'accept-trips',
  about:
    'round trips to Postgres that accepting a generation waits for, counted on the wire, with 3 speed rules and 2 budgets for each of 1,000 organisations: the most of 1 and 16 connections; 4 processes together admit exactly the limit',
  unit: 'trips',
  better: 'lower',
  floor: 1,
  target: 1,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const database = await useDatabase(lifetime, directory)
    const wire = await Wire.start(lifetime, database.url)
    const options: AppOptions = { databaseUrl: database.url, directory, worker: 'off' }
    prepareDatabase(options)
    const keys = await populate(database, ORGANISATIONS)
    const port = await startApp(lifetime, { ...options, databaseUrl: wire.url })
    const accepts = { accept: keys.map(generationRequest) }
    const generator = await Generator.start(lifetime, directory, accepts)
    const flood = (connections: number, requests: number) =>
      generator.flood('accept', { port, connections, seconds: PATIENCE_SECONDS, requests })

    let accepted = acceptedOf(await flood(16, WARM_UP))
    const rows: (string | number)[][] = []
    const values: number[] = []
    const statements = new Map<string, number>()
    for (const connections of CONNECTIONS) {
      for (let round = 1; round <= ROUNDS; round++) {
        wire.take()
        const answers = acceptedOf(await flood(connections, REQUESTS))
        const trips = wire.take()
        accepted += answers
        const waited = countOf(trips.filter(isOfAccept))
        if (waited === 0) throw new AnchorMissing('Nothing came by on the wire.')
        for (const { statement, count } of trips) {
          statements.set(statement, (statements.get(statement) ?? 0) + count)
        }
        values.push(waited / answers)
        rows.push([connections, round, answers, waited, waited / answers])
      }
    }
    same('Generations', await countRows(database), accepted)

    const admitted = await admitAcross(lifetime, { database, directory, options }, keys[0])
    return {
      value: Math.max(...values),
      settings: {
        ...(await database.describe()),
        worker: 'off',
        processes: `${PROCESSES} for the limit`,
      },
      table: { columns: ['connections', 'round', 'accepts', 'trips', 'trips each'], rows },
      notes: [
        'A trip is a Sync or a simple Query on a connection of the pool. Starts of one moment share one.',
        `By statement: ${[...statements].map(([text, count]) => `${count} × ${inBrief(text)}`).join('; ')}.`,
        `Not counted: notifications, which go over a connection of their own and which no accept waits for; ${BY_THE_CLOCK.map(
          ({ what }) => what
        ).join('; ')}.`,
        `${PROCESSES} processes that were asked ${admitted.asked} times at once admitted ${admitted.admitted} under a limit of ${LIMIT}, and refused the rest.`,
      ],
    }
  },
} satisfies Benchmark

function inBrief(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ').slice(0, 70)
}

/** The connection of the bus names itself, that of the pool does not. */
function isOfAccept({ application, statement }: Trips): boolean {
  return application === '' && !BY_THE_CLOCK.some(({ of }) => of.test(statement))
}

function countOf(trips: Trips[]): number {
  return trips.reduce((sum, { count }) => sum + count, 0)
}

function acceptedOf({ statuses }: FloodResult): number {
  same('Statuses', Object.keys(statuses).join(' '), '202')
  return statuses[202]
}

async function countRows({ client }: BenchDatabase): Promise<number> {
  const { rows } = await client.query('select count(*)::int as count from generations')
  return rows[0].count
}

/** As many processes as would pass the limit twice over ask for one organisation, at once. */
async function admitAcross(
  lifetime: AsyncDisposableStack,
  {
    database,
    directory,
    options,
  }: { database: BenchDatabase; directory: string; options: AppOptions },
  key: string
) {
  const { client } = database
  const { rows } = await client.query(
    `insert into limit_rules (account_id, scope, measure, "window", max)
     select id, 'org', 'requests', 'total', $1 from organisations order by id limit 1
     returning account_id`,
    [LIMIT]
  )
  const held = async (): Promise<number> => {
    const text = 'select count(*)::int as count from holds where account_id = $1'
    const counted = await client.query(text, [rows[0].account_id])
    return counted.rows[0].count
  }
  const before = await held()
  const sides = await Promise.all(
    Array.from({ length: PROCESSES }, async () => ({
      port: await startApp(lifetime, options),
      generator: await Generator.start(lifetime, directory, { accept: [generationRequest(key)] }),
    }))
  )
  const requests = (LIMIT / PROCESSES) * 2
  const floods = await Promise.all(
    sides.map(({ port, generator }) =>
      generator.flood('accept', { port, connections: 16, seconds: PATIENCE_SECONDS, requests })
    )
  )
  const statuses = new Set(floods.flatMap((flood) => Object.keys(flood.statuses)))
  same('Statuses under the limit', [...statuses].sort().join(' '), '202 429')
  const admitted = floods.reduce((sum, flood) => sum + (flood.statuses[202] ?? 0), 0)
  same('Admitted by all processes', admitted, LIMIT)
  same('Holds of what was admitted', (await held()) - before, LIMIT)
  const { rows: violations } = await client.query('select * from ledger_violations')
  same('Violations of the ledger', JSON.stringify(violations), '[]')
  return { asked: requests * PROCESSES, admitted }
}
