import { randomBytes } from 'node:crypto'
import type { Sql } from '#adapters/postgres/sql'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { JobRef } from '#core/queue/types'
import type { GrantRow, Process, World } from './world.js'

type Rows = Omit<
  World,
  | keyof Process
  | 'neighbour'
  | 'newAccount'
  | 'transaction'
  | 'whileLocked'
  | 'progressAround'
  | 'forgeries'
  | 'finishAll'
>

/** What the suites see and change in the rows themselves, past all verbs. */
export function rowsOf(sql: Sql): Rows {
  return {
    async url() {
      const { name } = await sql.row<{ name: string }>('select current_database() as name')
      const url = new URL(process.env.DATABASE_URL!)
      url.pathname = `/${name}`
      return url.href
    },
    async forgeDebt(id, decimal) {
      const { micro } = Credits.parse(decimal)
      await sql.rows('update accounts set overdraft_micro = $2 where id = $1', [id, String(micro)])
    },
    async forgeLoss(accountId, jobId) {
      await sql.rows(
        `insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd,
           created_at) values ($1, $2, 1, 'overrun', 1500000, 20000, now())`,
        [accountId, jobId]
      )
    },
    async setLowBalance(id, decimal) {
      const { micro } = Credits.parse(decimal)
      await sql.rows('update organisations set low_balance_micro = $2 where id = $1', [
        id,
        String(micro),
      ])
    },
    async ageNotices(id) {
      const rows = await sql.rows<{ told_at: Date | null }>(
        `update notices set created_at = now() - interval '2 minutes' where account_id = $1
         returning told_at`,
        [id]
      )
      return rows.filter((row) => row.told_at === null).length
    },
    async newKey(accountId) {
      const id = newId('key')
      await sql.rows(
        `insert into api_keys (id, org_id, name, prefix, hash, mode, scopes)
         values ($1, $2, 'test', 'dg_test_', $3, 'test', '{generate}')`,
        [id, accountId, randomBytes(32)]
      )
      return id
    },
    async revokeKey(id) {
      await sql.rows('update api_keys set revoked_at = now() where id = $1', [id])
    },
    async setRule(
      accountId,
      { scope, scopeId = '*', measure, window, limit, onExceed = 'refuse' }
    ) {
      await sql.rows('insert into limit_rules values ($1, $2, $3, $4, $5, $6, $7)', [
        accountId,
        scope,
        scopeId,
        measure,
        window,
        String(limit),
        onExceed,
      ])
    },

    snapshot: (accountId) => snapshot(sql, accountId),
    async losses(accountId) {
      const rows = await sql.rows<{ job_id: string; kind: string; price_micro: bigint }>(
        'select * from losses where account_id = $1 order by created_at',
        [accountId]
      )
      return rows.map((row) => ({
        jobId: row.job_id,
        kind: row.kind,
        credits: text(row.price_micro),
      }))
    },
    async usage(accountId) {
      const rows = await sql.rows<{ attempt: number; status: string; price_micro: bigint }>(
        'select * from usage_events where account_id = $1 order by created_at, attempt',
        [accountId]
      )
      return rows.map(({ attempt, status, price_micro: price }) => ({
        attempt,
        status,
        credits: text(price),
      }))
    },
    async grants(accountId) {
      const rows = await sql.rows<Record<string, any>>(
        'select * from grants where account_id = $1 order by created_at, id',
        [accountId]
      )
      return rows.map((row): GrantRow => ({
        id: row.id,
        kind: row.kind,
        remaining: text(row.remaining_micro),
        held: text(row.held_micro),
        parent: row.parent_grant_id,
        expiresAt: row.expires_at,
      }))
    },
    async moveToYesterday(accountId) {
      await sql.rows(
        `update counters set window_start = window_start - interval '1 day',
           window_end = window_end - interval '1 day' where account_id = $1`,
        [accountId]
      )
      await sql.rows(
        `update holds set counters = (
           select jsonb_agg(jsonb_set(n.pin, '{4}', to_jsonb((n.pin->>4)::timestamptz - interval '1 day')))
           from jsonb_array_elements(counters) n (pin))
         where account_id = $1 and counters <> '[]'`,
        [accountId]
      )
    },
    counterOfYesterday: (accountId) =>
      sql.row('select used, held from counters where account_id = $1 and window_end <= now()', [
        accountId,
      ]),
    async moveBudgetToYesterday({ id, measure, window }) {
      const key = [id, measure, window]
      const back = `window_start = window_start - interval '1 day', window_end = window_end - interval '1 day'`
      await sql.rows(
        `update budgets set ${back} where id = $1 and measure = $2 and "window" = $3`,
        key
      )
      await sql.rows(
        `update counters set ${back}
         where scope = 'platform' and scope_id = $1 and measure = $2 and "window" = $3`,
        key
      )
      await sql.rows(
        `update leases_under_way set ${back}
         where budget_id = $1 and measure = $2 and "window" = $3`,
        key
      )
      await sql.rows(
        `update holds set counters = (
           select jsonb_agg(case when n.pin->>1 = $1 and n.pin->>2 = $2 and n.pin->>3 = $3
             then jsonb_set(n.pin, '{4}', to_jsonb((n.pin->>4)::timestamptz - interval '1 day'))
             else n.pin end)
           from jsonb_array_elements(counters) n (pin))
         where exists (select from jsonb_array_elements(counters) n (pin) where n.pin->>1 = $1)`,
        key
      )
    },
    async leaseHalfway(account, { id, measure, window }, needed) {
      const zero = { max: '0', held: '0', used: '0' }
      const lease = { scope_id: id, measure, window, needed: String(needed), ...zero }
      await sql.rows('select budget_lease($1)', [
        JSON.stringify([{ account, again: false, leases: [lease] }]),
      ])
    },
    async giveBackHalfway(account) {
      await sql.rows('select budget_give_back($1)', [JSON.stringify({ account })])
    },
    counters: (accountId) =>
      sql.rows(
        'select scope_id as "scopeId", measure, used, held from counters where account_id = $1',
        [accountId]
      ),
    job: ({ accountId, jobId }) =>
      sql.row('select state, attempt, handle from jobs where account_id = $1 and id = $2', [
        accountId,
        jobId,
      ]),

    async restrictGrant(accountId, grantId, to) {
      await sql.rows('update grants set restricted_to = $3 where account_id = $1 and id = $2', [
        accountId,
        grantId,
        JSON.stringify(to),
      ])
    },
    async windowAt(size, moment, zone) {
      const { first, last } = await sql.row<{ first: Date; last: Date }>(
        `select lower(w) as first, upper(w) as last
         from limit_window($1, $2::timestamptz, $3) w`,
        [size, moment, zone]
      )
      return [first.toISOString(), last.toISOString()]
    },

    async endHold(accountId, holdId) {
      await sql.rows(
        `update holds set expires_at = clock_timestamp() - interval '1 second'
         where account_id = $1 and id = $2`,
        [accountId, holdId]
      )
      await sql.rows(
        `update direct_holds set due = clock_timestamp() - interval '1 second'
         where account_id = $1 and id = $2 and due is not null`,
        [accountId, holdId]
      )
    },
    async endGrant(accountId, grantId) {
      await sql.rows(
        `update grants set expires_at = clock_timestamp() - interval '1 second'
         where account_id = $1 and id = $2`,
        [accountId, grantId]
      )
    },
    endDeadline: (ref) => moveBack(sql, 'deadline', ref),
    endLease: (ref) => moveBack(sql, 'lease_until', ref),
    async endWait(ref) {
      await moveBack(sql, 'run_at', ref)
      await sql.rows(
        `update lanes set due_at = clock_timestamp() where account_id = $1 and due_at is not null`,
        [ref.accountId]
      )
    },
    async taskDue({ accountId, jobId }) {
      const row = await sql.row<{ task_due: Date }>(
        'select task_due from jobs where account_id = $1 and id = $2',
        [accountId, jobId]
      )
      return row.task_due
    },
    endTaskWait: (ref) => moveBack(sql, 'task_due', ref),
    endStart: (ref) => moveBack(sql, 'start_by', ref),
    async setPriority({ accountId, jobId }, priority) {
      await sql.rows('update jobs set priority = $3 where account_id = $1 and id = $2', [
        accountId,
        jobId,
        priority,
      ])
    },
    async withoutHold({ accountId, jobId }, task) {
      const set = (change: string) =>
        sql.rows(`update holds set ${change} where account_id = $1 and id = $2`, [accountId, jobId])
      await set(`state = 'released', resolved_at = now()`)
      await task().finally(() => set(`state = 'held', resolved_at = null`))
    },
    async resolveHold({ accountId, jobId }) {
      const { outcome } = await sql.row<{ outcome: string }>(RESOLVE_HOLD, [
        accountId,
        jobId,
        'released',
        null,
      ])
      return outcome
    },
  }
}

/** The end of a hold (account, hold, state, cost), past everything that composes the ledger. */
export const RESOLVE_HOLD = `
  select outcomes[1] as outcome from ledger_resolve(
    array[$1], array[$2], array[$3], array[$4]::bigint[], null, array[false], array['system:test'], true)`

async function moveBack(
  sql: Sql,
  column: 'deadline' | 'lease_until' | 'run_at' | 'task_due' | 'start_by',
  { accountId, jobId }: JobRef
) {
  await sql.rows(
    `update jobs set ${column} = clock_timestamp() - interval '1 second'
     where account_id = $1 and id = $2`,
    [accountId, jobId]
  )
}

/** Every row of every table that has the account in its key. */
async function snapshot(sql: Sql, accountId: string) {
  const tables = await sql.rows<{ name: string }>(
    `select c.table_name as name from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.column_name = 'account_id' and c.table_schema = 'public' and t.table_type = 'BASE TABLE'
       -- Written when there is time for it, or of no account alone.
       and c.table_name not in ('notices', 'refusals', 'lanes')
     order by 1`
  )
  const rows = (table: string, column: string) =>
    sql.rows(`select to_jsonb(t)::text as row from ${table} t where ${column} = $1 order by 1`, [
      accountId,
    ])
  const kept: Record<string, unknown> = { accounts: await rows('accounts', 'id') }
  for (const { name } of tables) kept[name] = await rows(name, 'account_id')
  return kept
}

const text = (micro: bigint) => Credits.fromMicro(micro).toString()
