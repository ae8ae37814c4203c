import type { Database } from '@adonisjs/lucid/database'
import pg from 'pg'

/** `int8` exceeds what a number holds exactly: amounts and sequences are bigint from here on. */
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt)

/** Parameters as the functions of `database/functions` take them: JSON, with bigints as strings. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? part.toString() : part))
}

/**
 * Calls SQL on the pool of Lucid, each text as a prepared statement of the connection:
 * the verbs are few and hot, and parsing them anew costs as much as running them.
 */
export class Sql {
  constructor(private readonly db: Database) {}

  async rows<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const pool = this.db.connection().getWriteClient().client
    const connection: pg.Client = await pool.acquireConnection()
    try {
      const { rows } = await connection.query({ name: nameOf(text), text, values })
      return rows
    } finally {
      pool.releaseConnection(connection)
    }
  }

  /** Lends one connection to a task that needs several calls on the same, a transaction say. */
  async session<T>(task: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const pool = this.db.connection().getWriteClient().client
    const connection: pg.Client = await pool.acquireConnection()
    try {
      return await task(connection)
    } finally {
      pool.releaseConnection(connection)
    }
  }

  async row<Row>(text: string, values: unknown[] = []): Promise<Row> {
    const [first] = await this.rows<Row>(text, values)
    return first
  }

  /** The answer of a function that takes one jsonb and returns one value. */
  async verb<Answer>(name: string, parameter: unknown): Promise<Answer> {
    const { answer } = await this.row<{ answer: Answer }>(`select ${name}($1) as answer`, [
      json(parameter),
    ])
    return answer
  }
}

const names = new Map<string, string>()

function nameOf(text: string): string {
  const known = names.get(text)
  if (known) return known
  const name = `daygen_${names.size}`
  names.set(text, name)
  return name
}
