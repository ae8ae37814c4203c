import db from '@adonisjs/lucid/services/db'

/** How long an expired quote can still be read. */
const KEPT_DAYS = 30
/** Quotes forgotten in one statement. */
const BATCH = 5000

/** Forgets quotes that expired long ago: holds keep what they were priced with themselves. */
export class ForgetQuotes {
  async handle({ batch = BATCH } = {}): Promise<number> {
    let total = 0
    while (true) {
      const { rowCount } = await db.rawQuery(
        `delete from quotes q using (
           select account_id, id from quotes
           where expires_at < now() - :days * interval '1 day'
           order by expires_at limit :batch for update skip locked
         ) old
         where q.account_id = old.account_id and q.id = old.id`,
        { days: KEPT_DAYS, batch }
      )
      total += rowCount
      if (rowCount < batch) return total
    }
  }
}
