import type { Database } from '@adonisjs/lucid/database'
import {
  UsageRetention,
  type PrunableMonth,
  type SealResult,
  type UsageRecord,
} from '#core/usage/usage_retention'

const MONTHS_AHEAD = 3
/** Events in memory at once. */
const PAGE = 2000
/** Keys forgotten in one transaction. */
const BATCH = 5000

const TIME = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`
const PLAIN = (column: string) => `${column}::text as ${column}`

const COLUMNS = [
  ...['account_id', 'job_id', 'attempt'].map(PLAIN),
  TIME('job_created_at'),
  ...['user_id', 'key_id', 'end_user', 'provider', 'model', 'kind', 'status'].map(PLAIN),
  ...['error_class', 'units', 'vendor_cost_micro_usd', 'price_micro', 'duration_ms'].map(PLAIN),
  ...['provider_request_id', 'trace_id'].map(PLAIN),
  TIME('created_at'),
].join(', ')

/** Usage events in monthly partitions. See `database/functions/82_usage.sql`. */
export class PostgresUsageRetention extends UsageRetention {
  constructor(private readonly db: Database) {
    super()
  }

  async addPartitions() {
    await this.db.rawQuery('select usage_add_partitions(?), usage_adopt()', [MONTHS_AHEAD])
  }

  async prunable(keep: number): Promise<PrunableMonth[]> {
    const rows = await this.#patiently<Record<string, any>>(
      `select to_char(month, 'YYYY-MM') as month, events, bytes, blocked from usage_prunable(?)`,
      [keep]
    )
    return rows.map(({ month, events, bytes, blocked }) => ({ month, events, bytes, blocked }))
  }

  async *events(month: string): AsyncIterable<UsageRecord[]> {
    const table = tableOf(month)
    let after: (string | null)[] = ['', '', '0']
    while (true) {
      const { rows }: { rows: UsageRecord[] } = await this.db.rawQuery(
        `select ${COLUMNS} from ${table} u
         where (u.account_id, u.job_id, u.attempt) > (?, ?, ?::integer)
         order by u.account_id, u.job_id, u.attempt limit ${PAGE}`,
        after
      )
      if (rows.length > 0) yield rows
      if (rows.length < PAGE) return
      const last = rows.at(-1)!
      after = [last.account_id, last.job_id, last.attempt]
    }
  }

  async seal(month: string, expected: bigint): Promise<SealResult> {
    const [{ answer }] = await this.#patiently<{ answer: any }>(
      'select usage_seal(?::date, ?) as answer',
      [`${month}-01`, expected.toString()]
    )
    return answer.outcome === 'sealed' ? { ...answer, events: BigInt(answer.events) } : answer
  }

  async forgetKeys(): Promise<number> {
    let total = 0
    while (true) {
      const { rows } = await this.db.rawQuery('select ledger_forget_keys(?) as gone', [BATCH])
      total += Number(rows[0].gone)
      if (Number(rows[0].gone) === 0) return total
    }
  }

  /** As long as it takes: a month can be large, and nobody waits for it. */
  #patiently<Row>(sql: string, values: any[]): Promise<Row[]> {
    return this.db.transaction(async (trx) => {
      await trx.rawQuery('set local statement_timeout = 0')
      const { rows } = await trx.rawQuery(sql, values)
      return rows
    })
  }
}

function tableOf(month: string): string {
  if (!/^\d{4}-\d{2}$/.test(month)) throw new Error(`"${month}" is no month such as 2026-01.`)
  return `usage_events_${month.replace('-', '_')}`
}
