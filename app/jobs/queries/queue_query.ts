import db from '@adonisjs/lucid/services/db'
import type { JobError } from '#core/queue/types'

/** The open jobs of one kind, for generations at one provider. */
export interface KindDepth {
  kind: string
  provider: string
  /** Due and not begun. */
  waiting: number
  /** Due later. */
  later: number
  running: number
  oldestDueAt: Date | null
}

export interface OpenJob {
  accountId: string
  id: string
  kind: string
  provider: string
  attempt: number
  maxAttempts: number
}

export interface RunningJob extends OpenJob {
  /** `null`: nobody has it; it is asked about at its vendor later. */
  worker: string | null
  begunAt: Date
  leaseUntil: Date
  progress: number
}

export interface RetryingJob extends OpenJob {
  error: Partial<JobError>
  dueAt: Date
}

/** How the queue is now: what is open by kind, and at most `limit` of what runs and of what failed and waits. */
export async function queueQuery({ limit }: { limit: number }): Promise<{
  kinds: KindDepth[]
  running: RunningJob[]
  retrying: RetryingJob[]
}> {
  const [kinds, running, retrying] = await Promise.all([
    rowsOf<KindDepth>(
      `select kind, provider,
         (count(*) filter (where state = 'queued' and run_at <= now()))::integer as waiting,
         (count(*) filter (where state = 'queued' and run_at > now()))::integer as later,
         (count(*) filter (where state = 'running'))::integer as running,
         min(run_at) filter (where state = 'queued' and run_at <= now()) as "oldestDueAt"
       from jobs where state in ('queued', 'running') group by 1, 2 order by 1, 2`
    ),
    rowsOf<RunningJob>(
      `select j.account_id as "accountId", j.id, j.kind, j.provider, j.attempt,
         j.max_attempts as "maxAttempts", j.leased_by as worker, j.lease_until as "leaseUntil",
         j.progress, coalesce(e.created_at, j.started_at) as "begunAt"
       from (select * from jobs where state = 'running' order by lease_until limit ?) j
       left join lateral (
         select created_at from job_events
         where account_id = j.account_id and job_id = j.id and type = 'running'
         order by seq desc limit 1
       ) e on true
       order by "begunAt"`,
      [limit]
    ),
    rowsOf<RetryingJob>(
      `select account_id as "accountId", id, kind, provider, attempt,
         max_attempts as "maxAttempts", error, run_at as "dueAt"
       from jobs where state = 'queued' and error is not null order by run_at limit ?`,
      [limit]
    ),
  ])
  return { kinds, running, retrying }
}

async function rowsOf<Row>(sql: string, bindings: number[] = []): Promise<Row[]> {
  const { rows } = await db.rawQuery(sql, bindings)
  return rows
}
