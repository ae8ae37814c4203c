import { Credits } from '#core/ledger/credits'
import { AccountMissingFault } from '#core/ledger/errors'
import type { Actor } from '#core/ledger/types'
import { readPlans, type Plan } from '#core/plans/plan'
import {
  Plans,
  UnknownPlanFault,
  type PlanChange,
  type PlanChoice,
  type PlanState,
  type ResetPart,
  type ResetResult,
} from '#core/plans/plans'
import type { Sql } from '#adapters/postgres/sql'

interface ResetAnswer {
  outcome: 'reset' | 'no_plan' | 'closed'
  grants?: {
    ordinal: number
    starts_at: string
    ends_at: string
    amount: string
    expires_at: string | null
    outcome: ResetPart['outcome']
  }[]
}

/** Plans as plpgsql functions, one round trip a verb. See `database/functions/80_plans.sql`. */
export class PostgresPlans extends Plans {
  readonly #byId: Map<string, Plan>

  constructor(
    private readonly sql: Sql,
    readonly all: Plan[]
  ) {
    super()
    this.#byId = readPlans(all)
  }

  async state(accountId: string): Promise<PlanState | null> {
    const [row] = await this.sql.rows<{
      plan: string
      anchor: Date
      next_at: Date
      next_ordinal: bigint
    }>('select plan, anchor, next_at, next_ordinal from account_plans where account_id = $1', [
      accountId,
    ])
    if (!row) return null
    return {
      plan: this.#byId.get(row.plan) ?? null,
      planId: row.plan,
      anchor: row.anchor,
      nextAt: row.next_at,
      nextOrdinal: row.next_ordinal,
    }
  }

  async choose(choice: PlanChoice) {
    const plan = choice.plan === null ? null : this.#byId.get(choice.plan)
    if (plan === undefined) throw new UnknownPlanFault(choice.plan!, this.all)
    const { outcome } = await this.#verb<{ outcome: 'changed' | 'unchanged' | 'exists' }>(
      'plan_choose',
      choice.accountId,
      {
        plan: plan?.id ?? null,
        period: plan?.period ?? null,
        free: plan?.free ?? false,
        anchor: choice.anchor ?? null,
        restart: choice.restart ?? false,
        actor: choice.actor,
        reason: choice.reason,
        reference: choice.reference,
      }
    )
    return outcome
  }

  async changes(accountId: string, limit: number): Promise<PlanChange[]> {
    const rows = await this.sql.rows<{
      plan: string | null
      anchor: Date | null
      actor: Actor
      reason: string
      created_at: Date
    }>(
      `select plan, anchor, actor, reason, created_at from plan_changes
       where account_id = $1 order by created_at desc, reference limit $2`,
      [accountId, limit]
    )
    return rows.map(({ plan, created_at: createdAt, ...rest }) => ({
      planId: plan,
      createdAt,
      ...rest,
    }))
  }

  async due({ limit, after = '', at }: { limit: number; after?: string; at?: Date }) {
    // Only the clocks of test accounts are ahead: of the others, those not due are left out at once.
    const rows = await this.sql.rows<{ account_id: string }>(
      `select p.account_id from account_plans p join accounts a on a.id = p.account_id
       where p.account_id > $2 and a.state = 'open'
         and (p.next_at <= coalesce($3::timestamptz, statement_timestamp()) or p.account_id like 'tst\\_%')
         and p.next_at <= coalesce($3::timestamptz, ledger_clock(a))
       order by p.account_id limit $1`,
      [limit, after, at ?? null]
    )
    return rows.map(({ account_id: id }) => id)
  }

  async reset(accountId: string, { at, dry = false }: { at?: Date; dry?: boolean } = {}) {
    const state = await this.state(accountId)
    const planId = state?.planId ?? null
    const nothing = { accountId, planId, parts: [] }
    if (!state) return { ...nothing, outcome: 'no_plan' } satisfies ResetResult
    if (!state.plan) return { ...nothing, outcome: 'unknown_plan' } satisfies ResetResult
    const { plan } = state
    const answer = await this.#verb<ResetAnswer>('plan_reset', accountId, {
      plan: plan.id,
      name: plan.name,
      period: plan.period,
      credits: plan.credits.micro,
      carried: carriedOf(plan),
      kind: plan.kind,
      priority: plan.priority,
      at: at ?? null,
      dry,
    })
    return {
      accountId,
      planId,
      outcome: answer.outcome,
      parts: (answer.grants ?? []).map((part): ResetPart => ({
        ordinal: BigInt(part.ordinal),
        startsAt: new Date(part.starts_at),
        endsAt: new Date(part.ends_at),
        amount: Credits.fromMicro(part.amount),
        expiresAt: part.expires_at ? new Date(part.expires_at) : null,
        outcome: part.outcome,
      })),
    } satisfies ResetResult
  }

  async #verb<Answer>(name: string, accountId: string, parameter: object): Promise<Answer> {
    return this.sql.verb<Answer>(name, { account: accountId, ...parameter }).catch((error) => {
      throw error.code === 'DG001' ? new AccountMissingFault(accountId) : error
    })
  }
}

/** Micro-credits that live on at most; `null` without limit. */
function carriedOf({ rollover }: Plan): bigint | null {
  if (rollover === 'all') return null
  return rollover === 'none' ? 0n : rollover.micro
}
