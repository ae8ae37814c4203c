import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

export interface Overview {
  jobs: number
  open: number
  failures: number
  /** From asking to having, of today's successes. `null` without any. */
  p95Ms: number | null
  available: Credits
  held: Credits
}

/** Today's work and the credits of all organisations. Today began at `since`. */
export async function overviewQuery(since: Date): Promise<Overview> {
  const [work, credits] = await Promise.all([
    db.rawQuery(
      `select count(*) as jobs, count(*) filter (where outcome is null) as open,
         count(*) filter (where outcome in ('failed', 'expired')) as failures,
         percentile_cont(0.95) within group (order by extract(epoch from finished_at - created_at) * 1000)
           filter (where outcome = 'succeeded') as p95_ms
       from generations where created_at >= ?`,
      [since]
    ),
    // What is left of a grant whose time has come cannot be held any more, though nobody has booked it yet.
    db.rawQuery(
      `select coalesce(sum(available_micro), 0)::bigint as available, coalesce(sum(held_micro), 0)::bigint as held,
         (select coalesce(sum(remaining_micro), 0)::bigint from grants
           where live and expires_at <= clock_timestamp()) as expired
       from accounts`
    ),
  ])
  const [{ jobs, open, failures, p95_ms: p95Ms }] = work.rows
  const [{ available, held, expired }] = credits.rows
  return {
    jobs: Number(jobs),
    open: Number(open),
    failures: Number(failures),
    p95Ms: p95Ms === null ? null : Number(p95Ms),
    available: Credits.fromMicro(available).minus(Credits.fromMicro(expired)),
    held: Credits.fromMicro(held),
  }
}
