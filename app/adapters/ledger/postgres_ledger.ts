import { Credits } from '#core/ledger/credits'
import { TimezoneFault } from '#core/ledger/errors'
import { Ledger } from '#core/ledger/ledger'
import type {
  AccountState,
  Balance,
  ClawBackRequest,
  ClawBackResult,
  CorrectionRequest,
  CorrectionResult,
  GrantKind,
  GrantRequest,
  GrantResult,
  Hold,
  PastBalance,
  RefundRequest,
  RefundResult,
  Transfer,
  TransferRequest,
  TransferResult,
  Violation,
} from '#core/ledger/types'
import { newId } from '#core/ids'
import { isSharedTimezone } from '#core/prices/zoned_time'
import type { Sql } from '#adapters/postgres/sql'
import {
  entryOf,
  holdOf,
  ledgerRefusalOf,
  lossOf,
  type EntryRow,
  type HoldRow,
  type LedgerRefusalRow,
  type LossRow,
} from './mapping.js'
import {
  checkClawBack,
  checkCorrection,
  checkGrant,
  checkRefund,
  checkTransfer,
  faultOf,
} from './requests.js'

const ENTRIES = `
  select e.*, n.reason from entries e
  left join entry_notes n on n.account_id = e.account_id and n.id = e.note_id`

const TRANSFERS_UNDER_WAY = `
  select ledger_transfer(t) as transfer from transfers t
  where t.direction = 'out' and t.arrived_at is null and ($2::text is null or t.account_id = $2)
  order by t.created_at limit $1`

type Refused = { outcome: 'refused'; refusal: LedgerRefusalRow }

/** The ledger as plpgsql functions, one round trip a verb. See `database/functions`. */
export class PostgresLedger extends Ledger {
  /** `moved` hears of each account whose credits a verb may have moved. */
  constructor(
    private readonly sql: Sql,
    private readonly moved: (accountId: string) => void = () => {}
  ) {
    super()
  }

  async open(accountId: string, timezone = 'UTC') {
    if (!isSharedTimezone(timezone)) throw new TimezoneFault(timezone)
    await this.sql.rows('select ledger_open($1, $2)', [accountId, timezone])
  }

  async state(accountId: string) {
    const row = await this.sql.row<{ state: AccountState } | undefined>(
      'select state from accounts where id = $1',
      [accountId]
    )
    return row?.state ?? null
  }

  async setState(accountId: string, state: AccountState) {
    const row = await this.sql.row<{ state: string | null }>(
      'select ledger_set_state($1, $2) as state',
      [accountId, state]
    )
    return row.state !== null
  }

  async grant(request: GrantRequest): Promise<GrantResult> {
    checkGrant(request)
    const answer = await this.#verb<{ outcome: GrantResult['outcome']; grant_id: string }>(
      'ledger_grant',
      {
        account: request.accountId,
        id: newId('gra'),
        kind: request.kind,
        amount: request.amount.micro,
        priority: request.priority ?? 50,
        expires_at: request.expiresAt ?? null,
        restricted_to: request.restrictedTo ?? null,
        source: request.source,
        source_ref: request.sourceRef,
        actor: request.actor,
        reason: request.reason,
      },
      request
    )
    return {
      outcome: answer.outcome,
      grantId: answer.grant_id,
      balance: await this.balance(request.accountId),
    }
  }

  async refund(request: RefundRequest): Promise<RefundResult> {
    checkRefund(request)
    const answer = await this.#verb<
      { outcome: 'refunded'; expired: string } | { outcome: 'exists' } | Refused
    >(
      'ledger_refund',
      {
        account: request.accountId,
        hold: request.holdId,
        ref: request.reference,
        amount: request.amount.micro,
        actor: request.actor,
        reason: request.reason,
      },
      request
    )
    if (answer.outcome !== 'refunded') return refusedOr(answer)
    return { outcome: 'refunded', expired: Credits.fromMicro(answer.expired) }
  }

  async correct(request: CorrectionRequest): Promise<CorrectionResult> {
    checkCorrection(request)
    return refusedOr(
      await this.#verb<{ outcome: 'corrected' | 'exists' } | Refused>(
        'ledger_correct',
        {
          account: request.accountId,
          id: newId('gra'),
          ref: request.reference,
          amount: request.amount.micro,
          actor: request.actor,
          reason: request.reason,
        },
        request
      )
    )
  }

  async clawBack(request: ClawBackRequest): Promise<ClawBackResult> {
    checkClawBack(request)
    const answer = await this.#verb<
      { outcome: 'booked' | 'unchanged' | 'stale'; moved: string; booked: string } | Refused
    >(
      'ledger_claw_back',
      {
        account: request.accountId,
        source: request.source,
        source_ref: request.sourceRef,
        charged: request.charged,
        refunded: request.refunded,
        disputed: request.disputed,
        as_of: request.asOf,
        actor: request.actor,
        reason: request.reason,
      },
      request
    )
    if (answer.outcome === 'refused') return refusedOr(answer)
    const booked = Credits.fromMicro(answer.booked)
    if (answer.outcome === 'stale') return { outcome: 'stale', booked }
    return { outcome: answer.outcome, moved: Credits.fromMicro(answer.moved), booked }
  }

  async transferOut(request: TransferRequest): Promise<TransferResult> {
    checkTransfer(request)
    return refusedOr(
      await this.#verb<
        { outcome: 'sent' | 'exists'; transfer: Transfer } | { outcome: 'empty' } | Refused
      >(
        'ledger_transfer_out',
        {
          account: request.accountId,
          to: request.to,
          ref: request.reference,
          actor: request.actor,
          reason: request.reason,
        },
        request
      )
    )
  }

  async transferIn(transfer: Transfer) {
    const { outcome } = await this.#verb<{ outcome: 'received' | 'exists' }>(
      'ledger_transfer_in',
      transfer,
      { accountId: transfer.to }
    )
    return outcome
  }

  async transferArrived({ from, ref }: Transfer) {
    await this.sql.rows('select ledger_transfer_arrived($1, $2)', [from, ref])
  }

  async transfersUnderWay(limit: number, accountId?: string) {
    const rows = await this.sql.rows<{ transfer: Transfer }>(TRANSFERS_UNDER_WAY, [
      limit,
      accountId ?? null,
    ])
    return rows.map(({ transfer }) => transfer)
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

  async balanceAt(accountId: string, instant: Date): Promise<PastBalance> {
    // Clocks here know whole milliseconds, those of the rows microseconds.
    const rows = await this.sql.rows<Record<string, any>>(
      `with m as (select $2::timestamptz + interval '999 microseconds' as moment)
       select g.id, g.kind, g.priority, g.expires_at, g.held_micro, ledger_debt_at($1, moment) as owed,
         case when g.expires_at <= moment then 0 else g.remaining_micro end as available_micro
       from m left join lateral ledger_grants_at($1, moment) g
         on g.held_micro > 0 or g.remaining_micro > 0 and (g.expires_at > moment) is not false
       order by g.priority, g.expires_at nulls last, g.id`,
      [accountId, instant]
    )
    const grants = rows
      .filter(({ id }) => id !== null)
      .map((row) => ({
        grantId: row.id as string,
        kind: row.kind as GrantKind,
        priority: row.priority as number,
        expiresAt: row.expires_at as Date | null,
        available: Credits.fromMicro(row.available_micro),
        held: Credits.fromMicro(row.held_micro),
      }))
    return {
      available: grants.reduce((sum, { available }) => sum.plus(available), Credits.zero),
      held: grants.reduce((sum, { held }) => sum.plus(held), Credits.zero),
      overdraft: Credits.fromMicro(rows[0].owed),
      grants,
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

  async losses(accountId: string, { limit, jobId }: { limit: number; jobId?: string }) {
    const rows = await this.sql.rows<LossRow>(
      `select * from losses where account_id = $1 and ($2::text is null or job_id = $2)
       order by created_at desc, job_id, attempt, kind limit $3`,
      [accountId, jobId ?? null, limit]
    )
    return rows.map(lossOf)
  }

  async hold(accountId: string, holdId: string): Promise<Hold | null> {
    const [row] = await this.sql.rows<HoldRow>(
      `select h.*, (
         select jsonb_agg(jsonb_build_object('grant', g.id, 'kind', g.kind, 'priority', g.priority,
           'expires_at', g.expires_at, 'amount', s.slice->>1) order by s.position)
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

  async #verb<Answer>(
    name: string,
    parameter: unknown,
    about: { accountId: string; expiresAt?: Date | null }
  ): Promise<Answer> {
    try {
      const answer = await this.sql.verb<Answer>(name, parameter)
      this.moved(about.accountId)
      return answer
    } catch (error) {
      throw faultOf(error, about)
    }
  }
}

function refusedOr<Answer extends { outcome: string }>(
  answer: Answer
):
  | Exclude<Answer, { outcome: 'refused' }>
  | { outcome: 'refused'; refusal: ReturnType<typeof ledgerRefusalOf> } {
  if (answer.outcome !== 'refused') return answer as Exclude<Answer, { outcome: 'refused' }>
  return {
    outcome: 'refused',
    refusal: ledgerRefusalOf((answer as unknown as Refused).refusal),
  }
}
