import { derivedId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { RefusalLog, type RecordedRefusal, type Refused } from '#core/quota/refusal_log'
import { json, type Sql } from '#adapters/postgres/sql'
import { refusalOfRecord } from './mapping.js'

const MINUTE_MS = 60_000
const FLUSH_MS = 500
/** A database that is away must not fill the memory: what comes beyond is counted by nobody. */
const MOST_PENDING = 10_000
/** Records forgotten in one statement. */
const BATCH = 5000

interface Row {
  account_id: string
  id: string
  refusal: Record<string, any>
  model: string
  kind: string
  key_id: string | null
  user_id: string | null
  end_user: string | null
  alternative: { model: string; credits: string } | null
  trace_id: string | null
  observed: boolean
  times: number
  first_at: Date
  last_at: Date
}

/** Gathers refusals in memory and writes them by the half second, all in one call. */
export class PostgresRefusalLog extends RefusalLog {
  readonly #pending = new Map<string, RecordedRefusal>()
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(
    private readonly sql: Sql,
    private readonly logger: { error(facts: object, message: string): void },
    /** Hears of each account that something was observed of, once it is written. */
    private readonly observed: (accountId: string) => void = () => {}
  ) {
    super()
  }

  record(refused: Refused): string {
    const now = new Date()
    const id = derivedId('ref', minuteOf(now), wordsOf(refused))
    const known = this.#pending.get(id)
    if (known) Object.assign(known, refused, { times: known.times + 1, lastAt: now })
    else if (this.#pending.size < MOST_PENDING) {
      this.#pending.set(id, { ...refused, id, times: 1, firstAt: now, lastAt: now })
    }
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref()
    return id
  }

  async find(accountId: string, id: string) {
    if (this.#pending.has(id)) await this.flush()
    await this.#writing
    const [row] = await this.sql.rows<Row>(
      'select * from refusals where account_id = $1 and id = $2',
      [accountId, id]
    )
    return row ? recordOf(row) : null
  }

  async list({ accountId, limit, before }: { accountId?: string; limit: number; before?: string }) {
    await this.flush()
    const rows = await this.sql.rows<Row>(
      `select * from refusals
       where ($1::text is null or account_id = $1) and ($2::text is null or id < $2)
       order by id desc limit $3`,
      [accountId ?? null, before ?? null, limit]
    )
    return rows.map(recordOf)
  }

  async forget(): Promise<number> {
    for (let total = 0; ;) {
      const gone = await this.sql.rows(
        `delete from refusals r using (
           select account_id, id from refusals where last_at < now() - interval '30 days'
           order by last_at limit $1 for update skip locked
         ) old
         where r.account_id = old.account_id and r.id = old.id returning 1`,
        [BATCH]
      )
      total += gone.length
      if (gone.length < BATCH) return total
    }
  }

  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const records = [...this.#pending.values()]
    this.#pending.clear()
    this.#writing = this.#writing.then(() => this.#write(records))
    return this.#writing
  }

  async #write(records: RecordedRefusal[]) {
    if (records.length === 0) return
    try {
      await this.sql.rows(
        `insert into refusals as r
         select * from jsonb_populate_recordset(null::refusals, $1)
         on conflict (account_id, id) do update set refusal = excluded.refusal,
           alternative = excluded.alternative, trace_id = excluded.trace_id,
           times = r.times + excluded.times, last_at = greatest(r.last_at, excluded.last_at)`,
        [json(records.map(rowOf))]
      )
      for (const { accountId, observed } of records) if (observed) this.observed(accountId)
    } catch (error) {
      this.logger.error({ err: error, lost: records.length }, 'refusals could not be written')
    }
  }
}

function minuteOf(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS)
}

/** What makes two refusals of a minute the same. */
function wordsOf({ accountId, refusal, model, observed }: Refused): (string | null)[] {
  const words = [accountId, observed ? 'observed' : refusal.type, model]
  if (refusal.type !== 'limit_exceeded') return words
  return [...words, refusal.limit.rule, refusal.limit.scopeId]
}

function rowOf(record: RecordedRefusal) {
  const { refusal } = record
  return {
    account_id: record.accountId,
    id: record.id,
    type: refusal.type,
    refusal,
    model: record.model,
    kind: record.kind,
    key_id: record.keyId,
    user_id: record.userId,
    end_user: record.endUser,
    alternative: record.alternative,
    trace_id: record.traceId,
    observed: record.observed ?? false,
    times: record.times,
    first_at: record.firstAt,
    last_at: record.lastAt,
  }
}

function recordOf(row: Row): RecordedRefusal {
  return {
    accountId: row.account_id,
    id: row.id,
    refusal: refusalOfRecord(row.refusal),
    model: row.model,
    kind: row.kind,
    keyId: row.key_id,
    userId: row.user_id,
    endUser: row.end_user,
    alternative: row.alternative && {
      model: row.alternative.model,
      credits: Credits.parse(row.alternative.credits),
    },
    traceId: row.trace_id,
    observed: row.observed,
    times: row.times,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }
}
