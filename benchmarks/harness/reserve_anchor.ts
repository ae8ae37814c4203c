import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { ACCOUNTS, PGBENCH_SCRIPT, SCHEMA } from '../anchors/minimal_reserve.js'
import { AnchorMissing, same } from './benchmark.js'
import { startChild } from './child.js'
import type { BenchDatabase } from './database.js'
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
export async function usePgbench(database: BenchDatabase, directory: string) {
  const program = findPgbench()
  if (!program) return null
  const script = join(directory, 'reserve.sql')
  await writeFile(script, PGBENCH_SCRIPT)
  return async (seconds: number): Promise<{ perSecond: number; count: number }> => {
    const parameters = ['-n', '-M', 'prepared', '-c', '16', '-j', '2', '-T', String(seconds)]
    const child = spawn(program, [...parameters, '-f', script, database.url])
    const [output, complaints] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    const rate = /tps = ([\d.]+)/.exec(output)
    const count = /actually processed: (\d+)/.exec(output)
    if (!rate || !count) throw new Error(`pgbench failed:\n${complaints}`)
    return { perSecond: Number(rate[1]), count: Number(count[1]) }
  }
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

function findPgbench(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : []
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
    .map((folder) => join(folder, 'pgbench'))
    .find(existsSync)
}
