import type { Database } from '@adonisjs/lucid/database'
import type pg from 'pg'
import { Turns } from '#core/schedule/scheduler'

/** Keeps our locks apart from other users of the database. The number only has to be ours. */
const SPACE = 734_021_903

/** Turns by advisory locks of a session, which Postgres frees when the session ends. */
export class AdvisoryTurns extends Turns {
  constructor(private readonly db: Database) {
    super()
  }

  async take(name: string, task: () => Promise<void>): Promise<boolean> {
    const pool = this.db.connection().getWriteClient().client
    const connection: pg.Client = await pool.acquireConnection()
    try {
      const lock = [SPACE, name]
      const { rows } = await connection.query(
        'select pg_try_advisory_lock($1, hashtext($2)) as taken',
        lock
      )
      if (!rows[0].taken) return false
      try {
        await task()
      } finally {
        await connection.query('select pg_advisory_unlock($1, hashtext($2))', lock)
      }
      return true
    } finally {
      pool.releaseConnection(connection)
    }
  }
}
