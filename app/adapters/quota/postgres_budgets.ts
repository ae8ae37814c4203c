import type { Actor } from '#core/ledger/types'
import {
  Budgets,
  type Budget,
  type BudgetKey,
  type BudgetState,
  type RemovedBudget,
} from '#core/quota/budgets'
import { json, type Sql } from '#adapters/postgres/sql'

interface StateRow extends Record<'max' | 'leased' | 'used' | 'held' | 'accounts', bigint> {
  id: Budget['id']
  measure: Budget['measure']
  window: Budget['window']
  on_exceed: Budget['onExceed']
  source: BudgetState['source']
  window_ends: Date | null
  is_exceeded: boolean
  changed_by: Actor | null
  changed_at: Date
}

/** Accounts that are looked for in one call. */
const BATCH = 200

/** The functions of `37_budgets.sql`. */
export class PostgresBudgets extends Budgets {
  constructor(
    private readonly sql: Sql,
    private readonly configured: Budget[],
    private readonly zone = 'UTC'
  ) {
    super()
  }

  /** Makes the configuration's budgets what they are now. */
  async open() {
    const budgets = this.configured.map((budget) => ({ ...keyOf(budget), ...termsOf(budget) }))
    await this.sql.rows('select budget_configure($1, $2)', [json(budgets), this.zone])
  }

  async list(): Promise<BudgetState[]> {
    const rows = await this.sql.rows<StateRow>(
      `select b.*, case when b.open and b."window" <> 'total' then b.window_end end as window_ends
       from budget_states b order by b.id, b.measure, b."window"`
    )
    return rows.map((row) => ({
      id: row.id,
      measure: row.measure,
      window: row.window,
      limit: row.max,
      onExceed: row.on_exceed,
      source: row.source,
      leased: row.leased,
      used: row.used,
      held: row.held,
      accounts: Number(row.accounts),
      windowEnd: row.window_ends,
      isExceeded: row.is_exceeded,
      changedBy: row.changed_by,
      changedAt: row.changed_at,
    }))
  }

  async set(budget: Budget, actor: Actor) {
    await this.sql.verb('budget_write', {
      ...keyOf(budget),
      ...termsOf(budget),
      timezone: this.zone,
      actor,
    })
    await this.#recall(budget)
  }

  async remove(key: BudgetKey, actor: Actor): Promise<RemovedBudget> {
    const configured = this.configured.find((one) => sameKey(one, key))
    const was = await this.sql.verb<boolean>('budget_write', {
      ...keyOf(key),
      actor,
      remove: true,
      configured: configured ? termsOf(configured) : null,
    })
    if (!was) return 'missing'
    if (!configured) return 'removed'
    await this.#recall(configured)
    return 'configured'
  }

  giveBack({ quietSeconds }: { quietSeconds: number }) {
    return this.#giveBack({ quiet_seconds: quietSeconds })
  }

  /** Where more is leased than there is now, takes back all that is not used. */
  async #recall({ limit, ...budget }: Budget) {
    const states = await this.list()
    const state = states.find((one) => sameKey(one, budget))
    if (!state || state.leased <= limit) return
    await this.#giveBack({ quiet_seconds: 0, budget: keyOf(budget) })
  }

  /** One account after the other, and then the budgets: nobody has two of them at once. */
  async #giveBack(which: { quiet_seconds: number; budget?: ReturnType<typeof keyOf> }) {
    const seen = new Set<string>()
    for (;;) {
      const rows = await this.sql.rows<{ account: string }>('select budget_idle($1) as account', [
        json({ ...which, n: BATCH }),
      ])
      const accounts = rows.map(({ account }) => account).filter((account) => !seen.has(account))
      for (const account of accounts) {
        seen.add(account)
        await this.sql.rows('select budget_give_back($1)', [
          json({ account, budget: which.budget }),
        ])
      }
      // Whoever is asked twice was given more meanwhile, and is not quiet.
      if (accounts.length === 0) break
    }
    const { taken } = await this.sql.row<{ taken: number }>('select budget_take_back() as taken')
    return taken
  }
}

function keyOf({ id, measure, window }: BudgetKey) {
  return { id, measure, window }
}

function termsOf({ limit, onExceed }: Budget) {
  return { max: limit, on_exceed: onExceed }
}

function sameKey(one: BudgetKey, other: BudgetKey): boolean {
  return one.id === other.id && one.measure === other.measure && one.window === other.window
}
