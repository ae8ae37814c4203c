import { same } from './benchmark.js'
import type { BenchDatabase } from './database.js'
import type { FloodResult } from './load/flood.js'

/** All of them, or the run does not count. */
export function successes({ statuses }: FloodResult): number {
  const counts = Object.entries(statuses)
  same(
    'Answers other than success',
    counts.filter(([status]) => !status.startsWith('2')).join(' '),
    ''
  )
  return counts.reduce((sum, [, count]) => sum + count, 0)
}

/** What was answered is what was written, and it adds up. */
export async function checkAccepted({ client }: BenchDatabase, answered: number) {
  const { rows } = await client.query(`select
    (select count(*) from generations) as generations,
    (select count(*) from jobs where state = 'queued') as jobs,
    (select count(*) from holds where state = 'held') as holds,
    (select count(*) from job_events where type = 'queued') as events,
    (select count(*) from ledger_violations) as violations`)
  const { violations, ...written } = rows[0]
  for (const [what, count] of Object.entries(written)) same(`Rows of ${what}`, count, answered)
  same('Violations of the ledger', violations, 0)
}
