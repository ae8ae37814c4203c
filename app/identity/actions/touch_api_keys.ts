import db from '@adonisjs/lucid/services/db'

/** Notes that these keys were used just now. */
export async function touchApiKeys(ids: string[]) {
  await db.from('api_keys').whereIn('id', ids).update({ last_used_at: new Date() })
}
