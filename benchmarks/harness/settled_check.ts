import { same } from './benchmark.js'
import type { BenchDatabase } from './database.js'

/** As many were settled as were told of, each whole and once, and nothing is left in the queue. */
export async function checkSettled({ client }: BenchDatabase, told: number) {
  const { rows } = await client.query(`select
    (select count(*) from generations where outcome = 'succeeded') as generations,
    (select count(*) from jobs where state = 'succeeded') as jobs,
    (select count(*) from holds where state = 'settled') as holds,
    (select count(*) from usage_events where status = 'succeeded') as usage,
    (select count(*) from assets) as assets,
    (select count(*) from jobs where state in ('queued', 'running')) as open,
    (select count(*) from ledger_violations) as violations`)
  const { open, violations, ...written } = rows[0]
  for (const [what, count] of Object.entries(written)) same(`Rows of ${what}`, count, told)
  same('Jobs left in the queue', open, 0)
  same('Violations of the ledger', violations, 0)
}
