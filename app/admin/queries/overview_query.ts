import db from '@adonisjs/lucid/services/db'
import type { AccountMode } from '#core/ledger/account_mode'
import { Credits } from '#core/ledger/credits'
import { accountsOf } from '#app/admin/queries/accounts_of'

export interface Overview {
  jobs: number
  open: number
  failures: number
  /** From asking to having, of today's successes. `null` without any. */
  p95Ms: number | null
  available: Credits
  held: Credits
}

/** Today's work and the credits of all live accounts, or of all test accounts. Today began at `since`. */
export async function overviewQuery(since: Date, mode: AccountMode = 'live'): Promise<Overview> {
  const wanted = accountsOf(mode)
  const clock =
    mode === 'live'
      ? 'clock_timestamp()'
      : '(select ledger_clock(a) from accounts a where a.id = account_id)'
  const [work, credits] = await Promise.all([
    db.rawQuery(
      `select count(*) as jobs, count(*) filter (where outcome is null) as open,
         count(*) filter (where outcome in ('failed', 'expired')) as failures,
         percentile_cont(0.95) within group (order by extract(epoch from finished_at - created_at) * 1000)
           filter (where outcome = 'succeeded') as p95_ms
       from generations where created_at >= ? and account_id ${wanted}`,
      [since]
    ),
    // What is left of a grant whose time has come cannot be held any more, though nobody has booked it yet.
    db.rawQuery(
      `select coalesce(sum(available_micro), 0)::bigint as available, coalesce(sum(held_micro), 0)::bigint as held,
         (select coalesce(sum(remaining_micro), 0)::bigint from grants
           where live and expires_at <= ${clock} and account_id ${wanted}) as expired
       from accounts where id ${wanted}`
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
