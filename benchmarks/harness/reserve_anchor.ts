import { ACCOUNTS, PGBENCH_SCRIPT, SCHEMA } from '../anchors/minimal_reserve.js'
import { AnchorMissing, same } from './benchmark.js'
import { startChild } from './child.js'
import type { BenchDatabase } from './database.js'
import { usePgbench } from './pgbench.js'
import type { RequestText } from './load/connection.js'
import { median } from './statistics.js'

/** Below this part of pgbench's rate the machine, and not the program, is what is measured. */
const LEAST_OF_PGBENCH = 0.3

/** Bare node:http and one durable statement, in the database that is measured. Answers its port. */
export async function startReserveAnchor(
  lifetime: AsyncDisposableStack,
  { database, directory }: { database: BenchDatabase; directory: string }
): Promise<number> {
  await database.client.query(SCHEMA)
  const child = startChild(lifetime, {
    file: new URL('../anchors/reserve_server.ts', import.meta.url),
    env: { DATABASE_URL: database.url },
    directory,
  })
  const { port } = await child.hear<{ port: number }>()
  return port
}

export function reserveRequests(): RequestText[] {
  return Array.from({ length: ACCOUNTS }, (_, n) => ({
    path: '/reserve',
    headers: {},
    body: JSON.stringify({ account: n + 1, amount: 1 }),
  }))
}

/** Every reserve that was answered took exactly one. */
export async function checkReserves({ client }: BenchDatabase, answered: number) {
  const { rows } = await client.query('select sum(held)::bigint as held from reserve_accounts')
  same('Reserved by the anchor', rows[0].held, answered)
}

/** The same statement by pgbench at 16 clients; `null` where there is no pgbench. */
export function usePgbenchReserve(database: BenchDatabase, directory: string) {
  return usePgbench(database, { directory, name: 'reserve', script: PGBENCH_SCRIPT })
}

/** Stops a run on a machine that is too busy. Answers what to say about it. */
export function voidCheck(rounds: { anchor: number; pgbench?: number }[]): string {
  if (rounds.some(({ pgbench }) => pgbench === undefined)) {
    return 'No pgbench here, so it was not checked whether the machine is too busy.'
  }
  const ratio = median(rounds.map(({ anchor, pgbench }) => anchor / pgbench!))
  if (ratio < LEAST_OF_PGBENCH) {
    throw new AnchorMissing(
      `Void: bare node:http reached ${ratio.toFixed(2)} of pgbench, less than ${LEAST_OF_PGBENCH}. ` +
        'The machine is too busy to compare anything. Try again when it is quiet.'
    )
  }
  return `Bare node:http reaches ${ratio.toFixed(2)} of pgbench (void below ${LEAST_OF_PGBENCH}).`
}
