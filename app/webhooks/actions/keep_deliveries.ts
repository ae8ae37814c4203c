import db from '@adonisjs/lucid/services/db'
import settings from '#config/webhooks'

const BATCH = 1_000

/**
 * Drops what was told so long ago that nobody replays it, and gives up deliveries whose job is gone,
 * so that none stays pending for ever. Harmless when it runs again.
 */
export async function keepDeliveries(now = new Date()): Promise<{ dropped: number; lost: number }> {
  const old = new Date(now.getTime() - settings.kept)
  return {
    dropped: await inBatches(
      `delete from webhook_deliveries where (account_id, id) in (
         select account_id, id from webhook_deliveries where created_at < ? and state <> 'pending'
         order by created_at limit ${BATCH})`,
      [old]
    ),
    lost: await inBatches(
      `update webhook_deliveries set state = 'failed', next_at = null, finished_at = now()
       where (account_id, id) in (
         select d.account_id, d.id from webhook_deliveries d
         where d.state = 'pending' and d.next_at < ? and not exists (select from jobs j
           where j.account_id = d.account_id and j.id = d.job_id and j.state in ('queued', 'running'))
         order by d.next_at limit ${BATCH})`,
      [new Date(now.getTime() - HOUR_MS)]
    ),
  }
}

/** Nothing is lost so soon: the job's end and the delivery's are not written in one call. */
const HOUR_MS = 3_600_000

async function inBatches(sql: string, bindings: unknown[]): Promise<number> {
  for (let total = 0; ;) {
    const { rowCount } = await db.rawQuery(sql, bindings)
    total += rowCount
    if (rowCount < BATCH) return total
  }
}
