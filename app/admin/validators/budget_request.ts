import type { Budget, BudgetKey } from '#core/quota/budgets'
import { readLimit } from './limit_request.js'

/** Reads the form of a budget. Whether the budget makes sense is its own to say. */
export function readBudgetForm(
  body: Record<string, unknown>
): { ok: true; budget: Budget } | { ok: false; problem: { field: string; message: string } } {
  const key = readBudgetKey(body)
  const limit = readLimit(key.measure, textOf(body, 'limit'))
  if (typeof limit === 'string') return { ok: false, problem: { field: 'limit', message: limit } }
  const onExceed = (textOf(body, 'onExceed') || 'refuse') as Budget['onExceed']
  return { ok: true, budget: { ...key, limit, onExceed } }
}

export function readBudgetKey(body: Record<string, unknown>): BudgetKey {
  return {
    id: textOf(body, 'id') || 'all',
    measure: textOf(body, 'measure'),
    window: textOf(body, 'window'),
  } as BudgetKey
}

function textOf(body: Record<string, unknown>, name: string): string {
  return String(body[name] ?? '').trim()
}
