import type { Actor } from '#core/ledger/types'
import type { LimitRule, LimitState, OwnRule } from '#core/quota/limit_rule'
import { Quota, type RuleKey, type Subject } from '#core/quota/quota'
import { json, type Sql } from '#adapters/postgres/sql'
import { limitsParameter } from './mapping.js'

interface StateRow {
  scope: LimitState['scope']
  scope_id: string
  measure: LimitState['measure']
  window: LimitState['window']
  max: number
  used: number
  held: number
  waiting: number
  on_exceed: LimitState['onExceed']
  window_start: string
  window_end: string
}

/** Reads the rules and counters that the hold call enforces, by the same SQL. */
export class PostgresQuota extends Quota {
  constructor(
    private readonly sql: Sql,
    readonly defaults: LimitRule[]
  ) {
    super()
  }

  async states(subject: Subject): Promise<LimitState[]> {
    const [row] = await this.sql.rows<{ checks: StateRow[] }>(
      `select to_jsonb(array(
         select limit_opened(l, ledger_clock(a), a.timezone)
         from limits_of(a.id, $2, $3, 0,
           array(select d from jsonb_populate_recordset(null::limit_rule, $4) d)) l)) as checks
       from accounts a where a.id = $1`,
      [
        subject.accountId,
        json({ org: subject.accountId, key: subject.keyId, user: subject.userId }),
        // Every measure, so that every rule is among the answers.
        json({ requests: 1, concurrency: 1, credits: 1, tokens: 1, images: 1, seconds: 1 }),
        json(limitsParameter(this.defaults)),
      ]
    )
    return (row?.checks ?? []).map(stateOf)
  }

  async rules(accountId: string): Promise<OwnRule[]> {
    const rows = await this.sql.rows<RuleRow>(
      `select * from limit_rules where account_id = $1
       order by scope, scope_id, measure, "window"`,
      [accountId]
    )
    return rows.map((row) => ({
      scope: row.scope,
      scopeId: row.scope_id,
      measure: row.measure,
      window: row.window,
      limit: row.max,
      onExceed: row.on_exceed,
    }))
  }

  async setRule(accountId: string, rule: OwnRule, actor: Actor) {
    await this.sql.verb('limit_rule_write', {
      ...keyOf(accountId, rule),
      max: rule.limit,
      on_exceed: rule.onExceed,
      actor,
    })
  }

  removeRule(accountId: string, rule: RuleKey) {
    return this.sql.verb<boolean>('limit_rule_write', { ...keyOf(accountId, rule), remove: true })
  }
}

interface RuleRow {
  scope: OwnRule['scope']
  scope_id: string
  measure: OwnRule['measure']
  window: OwnRule['window']
  max: bigint
  on_exceed: OwnRule['onExceed']
}

function keyOf(account: string, { scope, scopeId, measure, window }: RuleKey) {
  return { account, scope, scope_id: scopeId, measure, window }
}

function stateOf(row: StateRow): LimitState {
  return {
    scope: row.scope,
    scopeId: row.scope_id,
    measure: row.measure,
    window: row.window,
    limit: BigInt(row.max),
    used: BigInt(row.used),
    held: BigInt(row.held),
    onExceed: row.on_exceed,
    waiting: BigInt(row.waiting),
    windowStart: new Date(row.window_start),
    windowEnd: row.window_end === 'infinity' ? null : new Date(row.window_end),
  }
}
