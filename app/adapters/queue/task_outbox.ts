import { json, type Sql } from '#adapters/postgres/sql'
import type { Task } from './cloud_tasks.js'

/** A task that a job is owed, for the waiting that the token names. */
export interface OwedTask extends Task {
  token: bigint
}

interface OwedRow {
  account_id: string
  job_id: string
  token: bigint
  run_at: Date
  traceparent: string | null
}

/** The jobs table as the outbox of tasks: see `57_jobs_tasks.sql`. */
export class TaskOutbox {
  constructor(private readonly sql: Sql) {}

  /** Takes at most `limit`. Whoever dies with them loses nothing: they are owed again a minute later. */
  async take(limit: number): Promise<OwedTask[]> {
    const rows = await this.sql.rows<OwedRow>('select * from job_take_owed($1)', [limit])
    return rows.map((row) => ({
      accountId: row.account_id,
      jobId: row.job_id,
      token: row.token,
      runAt: row.run_at,
      traceparent: row.traceparent,
    }))
  }

  /** Those are owed at once again. */
  async putBack(tasks: OwedTask[]): Promise<void> {
    await this.sql.rows('select job_put_back_owed($1)', [
      json(tasks.map(({ accountId: account, jobId: job, token }) => ({ account, job, token }))),
    ])
  }
}
