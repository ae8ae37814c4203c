import type pg from 'pg'
import { Turns, type Chore, type ChoreRun, type Turn } from '#core/schedule/scheduler'
import type { Sql } from '#adapters/postgres/sql'

/** Keeps our locks apart from other users of the database. The number only has to be ours. */
const SPACE = 734_021_903

/** A chore that broke is not tried again before this, however often it is due. */
const AFTER_FAULT_MS = 60_000

const DUE_AT = `case
  when r.ended_at is null then r.began_at
  when r.error is not null then r.began_at + least(c.every_ms, ${AFTER_FAULT_MS}) * interval '1 ms'
  else r.began_at + c.every_ms * interval '1 ms'
end`

const RUNS = `select c.name, r.began_at, r.ended_at, r.error, ${DUE_AT} as due_at
  from unnest($1::text[], $2::float8[]) c (name, every_ms)
  left join chore_runs r on r.name = c.name`

const BEGIN = `insert into chore_runs (name, began_at) values ($1, clock_timestamp())
  on conflict (name) do update set began_at = excluded.began_at, ended_at = null, error = null`

const END = `update chore_runs set ended_at = clock_timestamp(), error = $2 where name = $1`

interface RunRow {
  name: string
  began_at: Date | null
  ended_at: Date | null
  error: string | null
  due_at: Date | null
}

/** Turns by advisory locks of a session, which Postgres frees when the session ends, on its clock. */
export class PostgresTurns extends Turns {
  constructor(private readonly sql: Sql) {
    super()
  }

  async due(chores: Chore[]): Promise<string[]> {
    const rows = await this.sql.rows<{ name: string }>(
      `select name from (${RUNS}) due where due_at <= clock_timestamp() or due_at is null`,
      parametersOf(chores)
    )
    return rows.map(({ name }) => name)
  }

  take(chore: Chore, { early = false } = {}): Promise<Turn> {
    return this.sql.session(async (client) => {
      const lock = [SPACE, chore.name]
      const { rows } = await client.query(
        'select pg_try_advisory_lock($1, hashtext($2)) as taken',
        lock
      )
      if (!rows[0].taken) return 'elsewhere'
      try {
        // Asked again under the lock: another process may have run it since.
        if (!early && !(await isDue(client, chore))) return 'early'
        await run(client, chore)
        return 'ran'
      } finally {
        await client.query('select pg_advisory_unlock($1, hashtext($2))', lock)
      }
    })
  }

  async runs(chores: Chore[]): Promise<ChoreRun[]> {
    const rows = await this.sql.rows<RunRow>(RUNS, parametersOf(chores))
    return rows
      .filter((row) => row.began_at)
      .map((row) => ({
        name: row.name,
        beganAt: row.began_at!,
        endedAt: row.ended_at,
        error: row.error,
        dueAt: row.due_at!,
      }))
  }
}

async function isDue(client: pg.ClientBase, chore: Chore): Promise<boolean> {
  const { rows } = await client.query(
    `select due_at <= clock_timestamp() is not false as due from (${RUNS}) chore`,
    parametersOf([chore])
  )
  return rows[0].due
}

async function run(client: pg.ClientBase, chore: Chore) {
  await client.query(BEGIN, [chore.name])
  try {
    await chore.run()
  } catch (error) {
    await client.query(END, [chore.name, error instanceof Error ? error.message : String(error)])
    throw error
  }
  await client.query(END, [chore.name, null])
}

function parametersOf(chores: Chore[]) {
  return [chores.map(({ name }) => name), chores.map(({ everyMs }) => everyMs)]
}
