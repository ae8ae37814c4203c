import type { Budget } from '#core/quota/budgets'
import { Broken, same } from '../proof.js'
import type { Keepers } from '../harness/keepers.js'

/** Of what all accounts together hold and spend, so much that it binds before the calls end. */
export function budgetOf({ calls }: { calls: number }): Budget {
  const limit = BigInt(calls) * 150_000n
  return { id: 'provider:acme', measure: 'credits', window: 'total', limit, onExceed: 'refuse' }
}

/** The answer to a start that only the budget had no room for. No account alone can explain it. */
export function isOverBudget(answer: string): boolean {
  return answer.startsWith('limit_exceeded platform_')
}

/**
 * Adds up what all accounts held and had spent at each moment, from their holds alone: never more than
 * the budget. What is left of it in the end is theirs no more.
 */
export async function fitBudget({ sql, budgets }: Keepers, { limit }: Budget) {
  const rows = await sql.rows<{ at: Date; most: bigint }>(
    `select m.at, sum(m.change) over (order by m.at, m.change, m.id)::bigint as most
     from holds h
     cross join lateral (values
       (h.id, h.created_at, h.amount_micro::bigint),
       (h.id, h.resolved_at, coalesce(h.cost_micro, 0) - h.amount_micro)
     ) m (id, at, change)
     where m.at is not null
     order by most desc limit 1`
  )
  const [peak] = rows
  if (peak && peak.most > limit) {
    throw new Broken(
      `${peak.most} of a budget of ${limit} were held and spent at ${peak.at.toISOString()}`
    )
  }
  await budgets.giveBack({ quietSeconds: 0 })
  const { spent } = await sql.row<{ spent: bigint }>(
    'select coalesce(sum(cost_micro), 0)::bigint as spent from holds'
  )
  const [state] = await budgets.list()
  same('what the budget has leased once all is given back', state.leased, spent)
  same('what it says was used', state.used, spent)
}
