import { Credits } from '#core/ledger/credits'
import { AccountMissingFault, AmountFault } from '#core/ledger/errors'
import { Ledger } from '#core/ledger/ledger'
import type { Balance, GrantRequest, GrantResult, Hold, Violation } from '#core/ledger/types'
import { newId } from '#core/ids'
import type { Sql } from '#adapters/postgres/sql'
import { entryOf, holdOf, type EntryRow, type HoldRow } from './mapping.js'

const ENTRIES = `
  select e.*, n.reason from entries e
  left join entry_notes n on n.account_id = e.account_id and n.id = e.note_id`

/** The ledger as plpgsql functions, one round trip a verb. See `database/functions`. */
export class PostgresLedger extends Ledger {
  constructor(private readonly sql: Sql) {
    super()
  }

  async open(accountId: string, timezone = 'UTC') {
    await this.sql.rows('select ledger_open($1, $2)', [accountId, timezone])
  }

  async grant(request: GrantRequest): Promise<GrantResult> {
    if (request.amount.micro <= 0n) {
      throw new AmountFault(`A grant of ${request.amount} adds nothing. Use an amount above zero.`)
    }
    const answer = await this.sql
      .verb<{ outcome: GrantResult['outcome']; grant_id: string }>('ledger_grant', {
        account: request.accountId,
        id: newId('gra'),
        kind: request.kind,
        amount: request.amount.micro,
        priority: request.priority ?? 50,
        expires_at: request.expiresAt ?? null,
        source: request.source,
        source_ref: request.sourceRef,
        actor: request.actor,
        reason: request.reason,
      })
      .catch((error) => {
        throw error.code === 'DG001' ? new AccountMissingFault(request.accountId) : error
      })
    return {
      outcome: answer.outcome,
      grantId: answer.grant_id,
      balance: await this.balance(request.accountId),
    }
  }

  async balance(accountId: string): Promise<Balance> {
    const row = await this.sql.row<Record<'available' | 'held' | 'overdraft', bigint> | undefined>(
      `select a.held_micro as held, a.overdraft_micro as overdraft,
         a.available_micro - coalesce((select sum(remaining_micro) from grants g
           where g.account_id = a.id and g.live and g.expires_at <= ledger_clock(a)), 0)::bigint
         as available
       from accounts a where a.id = $1`,
      [accountId]
    )
    return {
      available: Credits.fromMicro(row?.available ?? 0n),
      held: Credits.fromMicro(row?.held ?? 0n),
      overdraft: Credits.fromMicro(row?.overdraft ?? 0n),
    }
  }

  async entries(accountId: string, { limit, before }: { limit: number; before?: bigint }) {
    const rows = await this.sql.rows<EntryRow>(
      `${ENTRIES} where e.account_id = $1 and ($2::bigint is null or e.seq < $2)
       order by e.seq desc limit $3`,
      [accountId, before?.toString() ?? null, limit]
    )
    return rows.map(entryOf)
  }

  async entriesOfHold(accountId: string, holdId: string) {
    const rows = await this.sql.rows<EntryRow>(
      `${ENTRIES} where e.account_id = $1 and e.hold_id = $2 order by e.seq`,
      [accountId, holdId]
    )
    return rows.map(entryOf)
  }

  async hold(accountId: string, holdId: string): Promise<Hold | null> {
    const [row] = await this.sql.rows<HoldRow>(
      `select h.*, (
         select jsonb_agg(jsonb_build_array(g.id, g.kind, s.slice->>1) order by s.position)
         from jsonb_array_elements(h.slices) with ordinality s (slice, position)
         join grants g on g.account_id = h.account_id and g.id = s.slice->>0
       ) as drawn
       from holds h where h.account_id = $1 and h.id = $2`,
      [accountId, holdId]
    )
    return row ? holdOf(row) : null
  }

  async expireGrants(accountId: string) {
    const { ended } = await this.sql.row<{ ended: bigint }>(
      'select ledger_expire_grants($1) as ended',
      [accountId]
    )
    return Number(ended)
  }

  async verify(accountId?: string): Promise<Violation[]> {
    const rows = await this.sql.rows<{ account_id: string; invariant: string; detail: string }>(
      `select * from ledger_violations where $1::text is null or account_id = $1
       order by account_id, invariant`,
      [accountId ?? null]
    )
    return rows.map(({ account_id: id, ...rest }) => ({ accountId: id, ...rest }))
  }
}
