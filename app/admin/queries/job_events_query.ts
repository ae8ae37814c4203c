import db from '@adonisjs/lucid/services/db'

/** One line of a job's story. */
export interface JobEventRow {
  seq: number
  type: string
  data: Record<string, unknown>
  createdAt: Date
}

/** More than any job of a sane plugin tells. */
const MOST = 500

/** A job's story so far, oldest first. */
export async function jobEventsQuery(accountId: string, jobId: string): Promise<JobEventRow[]> {
  const rows = await db
    .from('job_events')
    .select('seq', 'type', 'data', 'created_at')
    .where({ account_id: accountId, job_id: jobId })
    .orderBy('seq')
    .limit(MOST)
  return rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt }))
}
