import type { Budget, BudgetState } from '#core/quota/budgets'
import { countText } from '#app/admin/format/amounts'
import { amountPer, BEYOND_TEXTS, budgetWhom, quantity } from '#app/admin/format/limits'

/** `5,000.00 credits per month for provider acme`. */
export function budgetText({ id, measure, window, limit }: Budget): string {
  return `${amountPer(measure, window, limit)} for ${budgetWhom(id)}`
}

/** Whose calls it counts, as a line of its own begins. */
export function whomText(id: string): string {
  const whom = budgetWhom(id)
  return `${whom[0].toUpperCase()}${whom.slice(1)}`
}

/** A budget over all organisations as the console and the terminal show it. */
export function budgetRow(state: BudgetState, actors: Record<string, string> = {}) {
  const { id, measure, window, limit, onExceed, source, leased, used, held, changedBy } = state
  const amount = (value: bigint) => quantity(measure, value)
  const taken = used + held
  return {
    ...state,
    rule: amountPer(measure, window, limit),
    text: budgetText(state),
    whom: whomText(id),
    beyond: BEYOND_TEXTS[onExceed],
    used: amount(used),
    held: amount(held),
    leased: amount(leased),
    accounts: countText(state.accounts),
    left: amount(limit > taken ? limit - taken : 0n),
    percent: limit === 0n ? 100 : Math.min(100, Number((taken * 100n) / limit)),
    setBy:
      source === 'configuration'
        ? 'the configuration'
        : changedBy && (actors[changedBy] ?? changedBy.replace(/^system:/, 'the system, ')),
    editQuery: new URLSearchParams({ id, measure, window }).toString(),
  }
}
