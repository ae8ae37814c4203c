import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { AnchorMissing } from './benchmark.js'
import type { BenchDatabase } from './database.js'

export interface PgbenchResult {
  perSecond: number
  count: number
}

/** A script by pgbench, prepared, at so many clients; `null` where there is no pgbench. */
export async function usePgbench(
  database: BenchDatabase,
  { directory, name, script }: { directory: string; name: string; script: string }
) {
  const program = findPgbench()
  if (!program) return null
  const file = join(directory, `${name}.sql`)
  await writeFile(file, script)
  return async (seconds: number, clients = 16): Promise<PgbenchResult> => {
    const load = ['-c', String(clients), '-j', String(Math.min(clients, 2)), '-T', String(seconds)]
    const child = spawn(program, ['-n', '-M', 'prepared', ...load, '-f', file, database.url])
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

/** The same where nothing can be compared without it. */
export async function needPgbench(...parameters: Parameters<typeof usePgbench>) {
  const pgbench = await usePgbench(...parameters)
  if (pgbench) return pgbench
  throw new AnchorMissing('There is no pgbench here. Debian has it in postgresql-contrib.')
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
