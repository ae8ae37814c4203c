import db from '@adonisjs/lucid/services/db'
import type { AccountMode } from '#core/ledger/account_mode'
import { Credits } from '#core/ledger/credits'
import { accountsOf } from '#app/admin/queries/accounts_of'

export interface DailyActivity {
  /** `2026-11-22`, in UTC. */
  day: string
  provider: string
  jobs: number
  spent: Credits
}

/** Jobs asked for and credits spent, by day and provider. Days without either are left out. */
export async function dailyActivityQuery(
  since: Date,
  mode: AccountMode = 'live'
): Promise<DailyActivity[]> {
  const wanted = accountsOf(mode)
  const { rows } = await db.rawQuery(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, provider,
       sum(jobs) as jobs, sum(spent)::bigint as spent
     from (
       select created_at as at, provider, 1 as jobs, 0 as spent from generations
       where created_at >= ? and account_id ${wanted}
       union all
       select created_at, provider, 0, price_micro from usage_recorded
       where created_at >= ? and account_id ${wanted}
     ) activity
     group by 1, 2 order by 1, 2`,
    [since, since]
  )
  return rows.map((row: { day: string; provider: string; jobs: string; spent: bigint }) => ({
    day: row.day,
    provider: row.provider,
    jobs: Number(row.jobs),
    spent: Credits.fromMicro(row.spent),
  }))
}
