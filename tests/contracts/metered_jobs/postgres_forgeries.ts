import type { Database } from '@adonisjs/lucid/database'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { Forgery } from './world.js'

/** What somebody with all rights on the database could do to an account, and what must find it. */
export function forgeriesOf(db: Database): Record<string, Forgery> {
  /** Changes rows of `table` behind the back of triggers, and puts the old rows back. */
  const forge = (invariant: string, table: string, change: string): Forgery => ({
    invariant,
    async commit(accountId) {
      const key = table === 'accounts' ? 'id' : 'account_id'
      let before: unknown[] = []
      await unguarded(db, async (trx) => {
        const rows = `select to_jsonb(t) as row from ${table} t where ${key} = ?`
        const kept = await trx.rawQuery(rows, [accountId])
        before = kept.rows.map(({ row }: { row: unknown }) => row)
        await trx.rawQuery(change, { account: accountId })
      })
      return () =>
        unguarded(db, async (trx) => {
          // Grants refer to their account: its row is put back in place.
          if (table !== 'accounts') {
            await trx.rawQuery(`delete from ${table} where ${key} = ?`, [accountId])
          }
          await restore(trx, table, before)
        })
    },
  })
  const lastEntry = '(select max(seq) from entries where account_id = :account)'

  return {
    'an entry with another amount': forge(
      '2 entries',
      'entries',
      'update entries set amount_micro = amount_micro + 1 where account_id = :account and seq = 1'
    ),
    'an entry with another actor': forge(
      '2 entries',
      'entries',
      `update entries set actor = 'user:usr_other' where account_id = :account and seq = 1`
    ),
    'an entry with another time': forge(
      '2 entries',
      'entries',
      `update entries set created_at = created_at + interval '1 microsecond' where account_id = :account and seq = 1`
    ),
    'an entry that was moved to another grant': forge(
      '2 entries',
      'entries',
      `update entries set grant_id = 'gra_other' where account_id = :account and seq = 2`
    ),
    'an entry in the middle that is gone': forge(
      '2 entries',
      'entries',
      'delete from entries where account_id = :account and seq = 1'
    ),
    'a tail that was cut off': forge(
      '2 the account ends',
      'entries',
      `delete from entries where account_id = :account and seq = ${lastEntry}`
    ),
    'an account that has more than its grants': forge(
      '1 available',
      'accounts',
      'update accounts set available_micro = available_micro + 1 where id = :account'
    ),
    'an account that holds less than its holds': forge(
      '1 held',
      'accounts',
      'update accounts set held_micro = held_micro - 1 where id = :account'
    ),
    'a grant that has more left than it should': forge(
      '4 a grant',
      'grants',
      'update grants set remaining_micro = remaining_micro + 1 where account_id = :account'
    ),
    'a settled hold with another cost': forge(
      '3 settled',
      'holds',
      `update holds set cost_micro = cost_micro - 1 where account_id = :account and state = 'settled'`
    ),
    'a usage event with another price': forge(
      '6 usage',
      'usage_events',
      'update usage_events set price_micro = price_micro - 1 where account_id = :account'
    ),
    'a counter that forgot a hold': forge(
      '7 counters',
      'counters',
      'update counters set held = held - 1 where account_id = :account and held > 0'
    ),
    'a job that ended without its hold': forge(
      '8 a job',
      'jobs',
      `update jobs set state = 'failed' where account_id = :account and state in ('queued', 'running')`
    ),
    'a hold that outlived its time': forge(
      '8 no hold',
      'holds',
      `update holds set expires_at = now() - interval '1 hour' where account_id = :account and state = 'held'`
    ),
    'a debt that no entry made': forge(
      '2 the debt',
      'accounts',
      'update accounts set overdraft_micro = overdraft_micro + 1 where id = :account'
    ),
    'a grant that is larger than it came in': forge(
      '4 a grant came in',
      'grants',
      'update grants set amount_micro = amount_micro + 1 where account_id = :account'
    ),
    'a refund that gave nothing back': forge(
      '3 refunds',
      'refunds',
      `insert into refunds (account_id, ref, hold_id, amount_micro, actor, created_at)
       select account_id, 'forged', id, 1, 'user:usr_other', now() from holds
       where account_id = :account and state = 'settled'`
    ),
    'a claw-back that took nothing': forge(
      '4 a claw-back',
      'claw_backs',
      `insert into claw_backs (account_id, grant_id, charged, refunded, disputed, as_of, booked_micro, taken, revision)
       select account_id, id, 1, 1, 0, now(), 1, '[]', 1 from grants where account_id = :account`
    ),
    'a transfer that moved nothing': forge(
      '5 a transfer is',
      'transfers',
      `insert into transfers (account_id, ref, direction, peer_id, grants, debt_micro, actor, reason, created_at)
       values (:account, 'forged', 'out', 'org_other', '[{"amount": 1}]', 0, 'user:usr_other', '', now())`
    ),
    'a transfer that came from nowhere': forge(
      '5 what arrives',
      'transfers',
      `insert into transfers (account_id, ref, direction, peer_id, grants, debt_micro, actor, reason, created_at)
       values (:account, 'forged 2', 'in', 'org_other', '[]', 0, 'user:usr_other', '', now())`
    ),
    'a transfer that never arrived': forge(
      '5 what goes out',
      'transfers',
      `insert into transfers (account_id, ref, direction, peer_id, grants, debt_micro, actor, reason, created_at)
       values (:account, 'forged 3', 'out', 'org_other', '[]', 0, 'user:usr_other', '', now() - interval '3 minutes')`
    ),
    'a reason in other words': forge(
      '2 a reason',
      'entry_notes',
      `update entry_notes set reason = 'something else' where account_id = :account`
    ),
  }
}

/** Without the entries' own guard, as whoever owns the table can. */
async function unguarded(db: Database, task: (trx: TransactionClientContract) => Promise<void>) {
  await db.transaction(async (trx) => {
    await trx.rawQuery('alter table entries disable trigger user')
    await task(trx)
    await trx.rawQuery('alter table entries enable trigger user')
  })
}

/** Generated columns fill themselves. */
async function restore(trx: TransactionClientContract, table: string, rows: unknown[]) {
  const { rows: columns } = await trx.rawQuery(
    `select quote_ident(column_name) as name from information_schema.columns
     where table_schema = 'public' and table_name = ? and is_generated = 'NEVER'
     order by ordinal_position`,
    [table]
  )
  const names: string[] = columns.map(({ name }: { name: string }) => name)
  const list = names.join(', ')
  const inPlace = `on conflict (id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
  await trx.rawQuery(
    `insert into ${table} (${list}) select ${list} from jsonb_populate_recordset(null::${table}, ?)
     ${table === 'accounts' ? inPlace : ''}`,
    [JSON.stringify(rows)]
  )
}
