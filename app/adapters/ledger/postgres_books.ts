import type pg from 'pg'
import {
  Books,
  type BooksSnapshot,
  type Head,
  type Orphan,
  type Period,
} from '#core/ledger/evidence/books'
import type { Sql } from '#adapters/postgres/sql'
import { accountHeadOf, entryOf, lossOf, postingOf } from './books_mapping.js'

/** One process signs at a time. The number only has to be ours. */
const LOCK = '7340219003'
const ROWS_AT_ONCE = 2_000
/** Below every seq there can be, a forged one included. */
const LOWEST = '-9223372036854775808'

const HEADS = `
  select id, seq, encode(head_hash, 'hex'), available_micro + held_micro - overdraft_micro
  from accounts where $1::text is null or id = $1 order by id collate "C"`

const TOTALS = `
  select count(*)::integer as accounts, coalesce(sum(seq), 0)::bigint as entries from accounts`

const ENTRIES = `
  select e.account_id, e.seq, e.kind, e.amount_micro, e.balance_after_micro, e.grant_id, e.hold_id,
    e.ref, e.actor, encode(e.reason_digest, 'hex'),
    (extract(epoch from e.created_at) * 1000000)::bigint, encode(e.hash, 'hex')`

const OF_ACCOUNTS = `
  from unnest($1::text[], $2::bigint[]) asked (account_id, from_seq)
  join entries e on e.account_id = asked.account_id and e.seq >= asked.from_seq
  order by e.account_id, e.seq`

const IN_PERIOD = `
  where ($1::text is null or account_id = $1) and ($2::timestamptz is null or created_at >= $2)
    and ($3::timestamptz is null or created_at < $3)`

/** The kind of a grant costs a look-up per entry, which only accountants need. */
const POSTINGS = `${ENTRIES},
    (select g.kind from grants g where g.account_id = e.account_id and g.id = e.grant_id)
  from entries e ${IN_PERIOD} order by e.account_id, e.seq`

const LOSSES = `
  select account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, assumed,
    (extract(epoch from created_at) * 1000000)::bigint
  from losses ${IN_PERIOD} order by account_id, created_at, job_id, attempt, kind`

const HASHES = `
  select encode(e.hash, 'hex') as hash
  from unnest($1::text[], $2::bigint[]) with ordinality asked (account_id, seq, position)
  left join entries e on e.account_id = asked.account_id and e.seq = asked.seq
  order by asked.position`

const ORPHANS = `
  select account_id as "accountId", min(seq) as seq, count(*) as entries from entries e
  where ($1::text is null or account_id = $1)
    and not exists (select from accounts a where a.id = e.account_id)
  group by account_id order by account_id`

/** Without the chain, which is not for the database to judge: Postgres then leaves it out. */
const INVARIANTS = `
  select account_id as "accountId", invariant, detail from ledger_violations
  where invariant not like '2 entries are gapless%'`

/** Reads all of it in one transaction that sees one state and can change nothing. */
export class PostgresBooks extends Books {
  constructor(private readonly sql: Sql) {
    super()
  }

  read<T>(task: (snapshot: BooksSnapshot) => Promise<T>): Promise<T> {
    return this.sql.session((client) => within(client, task))
  }

  /** The lock comes before the snapshot, which then sees all that its last holder saw. */
  readAlone<T>(task: (snapshot: BooksSnapshot) => Promise<T>): Promise<T | null> {
    return this.sql.session(async (client) => {
      const { rows } = await client.query('select pg_try_advisory_lock($1) as mine', [LOCK])
      if (!rows[0].mine) return null
      try {
        return await within(client, task)
      } finally {
        await client.query('select pg_advisory_unlock($1)', [LOCK])
      }
    })
  }
}

async function within<T>(client: pg.ClientBase, task: (snapshot: BooksSnapshot) => Promise<T>) {
  await client.query('begin isolation level repeatable read, read only')
  try {
    // The books are long, and whoever reads them may be slow: the limits of a request are not for
    // this. The invariants add up all entries, which they would do on disk otherwise.
    await client.query(
      `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = '10min';
       set local work_mem = '64MB'`
    )
    const { rows } = await client.query('select clock_timestamp() as time')
    return await task(new Snapshot(client, rows[0].time))
  } finally {
    // A connection that broke has told why already, and holds nothing any more.
    await client.query('rollback').catch(() => {})
  }
}

class Snapshot implements BooksSnapshot {
  #cursors = 0

  constructor(
    private readonly client: pg.ClientBase,
    readonly time: Date
  ) {}

  async totals() {
    const { rows } = await this.client.query<{ accounts: number; entries: bigint }>(TOTALS)
    return rows[0]
  }

  async *heads(accountId?: string) {
    for await (const row of this.#stream(HEADS, [accountId ?? null])) yield accountHeadOf(row)
  }

  async *entries(of: { accountId: string; fromSeq?: bigint }[]) {
    const ids = of.map(({ accountId }) => accountId)
    const seqs = of.map(({ fromSeq }) => fromSeq?.toString() ?? LOWEST)
    for await (const row of this.#stream(ENTRIES + OF_ACCOUNTS, [ids, seqs])) yield entryOf(row)
  }

  async *postings({ accountId, from, to }: Period) {
    const rows = this.#stream(POSTINGS, [accountId ?? null, from ?? null, to ?? null])
    for await (const row of rows) yield postingOf(row)
  }

  async *losses({ accountId, from, to }: Period) {
    const rows = this.#stream(LOSSES, [accountId ?? null, from ?? null, to ?? null])
    for await (const row of rows) yield lossOf(row)
  }

  async hashesAt(heads: Head[]) {
    const ids = heads.map(({ accountId }) => accountId)
    const seqs = heads.map(({ seq }) => seq.toString())
    const { rows } = await this.client.query<{ hash: string | null }>(HASHES, [ids, seqs])
    return rows.map(({ hash }) => hash)
  }

  async orphans(accountId?: string) {
    const { rows } = await this.client.query<Orphan>(ORPHANS, [accountId ?? null])
    return rows
  }

  async brokenInvariants(accountId?: string) {
    const { rows } = accountId
      ? await this.client.query(`${INVARIANTS} and account_id = $1 order by 2`, [accountId])
      : await this.client.query(`${INVARIANTS} order by 1, 2`)
    return rows
  }

  async *#stream(query: string, values: unknown[]): AsyncGenerator<unknown[]> {
    const cursor = `books_${this.#cursors++}`
    await this.client.query(`declare ${cursor} no scroll cursor for ${query}`, values)
    const fetch = { text: `fetch ${ROWS_AT_ONCE} from ${cursor}`, rowMode: 'array' as const }
    let more = true
    while (more) {
      const { rows } = await this.client.query<unknown[]>(fetch)
      yield* rows
      more = rows.length === ROWS_AT_ONCE
    }
    await this.client.query(`close ${cursor}`)
  }
}
