import db from '@adonisjs/lucid/services/db'

/** How often the worker of a job died or went silent. */
export async function lostWorkersQuery(accountId: string, jobId: string): Promise<number> {
  const { rows } = await db.rawQuery(
    `select count(*)::integer as lost from job_events
     where account_id = ? and job_id = ? and type = 'lease_lost'`,
    [accountId, jobId]
  )
  return rows[0].lost
}
