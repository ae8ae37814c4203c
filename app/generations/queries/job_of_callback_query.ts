import db from '@adonisjs/lucid/services/db'
import type { JobState } from '#core/queue/types'

export interface JobOfCallback {
  /** Who has the work now. */
  model: string
  provider: string
  state: JobState
}

/** The job that a vendor tells of, or `null`. */
export async function jobOfCallbackQuery(
  accountId: string,
  jobId: string
): Promise<JobOfCallback | null> {
  const row = await db
    .from('generations as g')
    .join('jobs as j', (join) => join.on('j.account_id', 'g.account_id').andOn('j.id', 'g.job_id'))
    .select('g.model', 'g.provider', 'j.state')
    .where({ 'g.account_id': accountId, 'g.job_id': jobId })
    .first()
  return row ?? null
}
