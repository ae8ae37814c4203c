import db from '@adonisjs/lucid/services/db'

/** What one account has open of one kind, for generations at one provider. */
export interface LaneDepth {
  accountId: string
  kind: string
  provider: string
  waiting: number
  running: number
  oldestDueAt: Date | null
  servedAt: Date | null
}

/** The lanes with the most work, longest first. */
export async function lanesQuery({ limit }: { limit: number }): Promise<LaneDepth[]> {
  const { rows } = await db.rawQuery(
    `select j.*, l.served_at as "servedAt" from (
       select account_id as "accountId", kind, provider,
         (count(*) filter (where state = 'queued'))::integer as waiting,
         (count(*) filter (where state = 'running'))::integer as running,
         min(run_at) filter (where state = 'queued' and run_at <= now()) as "oldestDueAt"
       from jobs where state in ('queued', 'running')
       group by 1, 2, 3 order by count(*) desc, 1, 2, 3 limit ?
     ) j
     left join lanes l
       on l.account_id = j."accountId" and l.kind = j.kind and l.provider = j.provider
     order by j.waiting + j.running desc, 1, 2, 3`,
    [limit]
  )
  return rows
}
