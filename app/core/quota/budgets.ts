import type { Actor } from '../ledger/types.js'
import { isSharedTimezone } from '../prices/zoned_time.js'
import {
  BEYOND,
  boundsText,
  isWithinBounds,
  MEASURES,
  WINDOWS,
  type LimitMeasure,
  type LimitState,
  type LimitWindow,
} from './limit_rule.js'

/** Whose calls a budget counts: `all`, those of a provider, those of a model. */
export type BudgetId = 'all' | `provider:${string}` | `model:${string}`

/** What all accounts together may use, test accounts apart. */
export interface Budget {
  id: BudgetId
  measure: Exclude<LimitMeasure, 'concurrency'>
  window: LimitWindow
  /** In micro-credits where credits are counted, in whole units else. */
  limit: bigint
  /** `refuse`, or `observe`: it passes, and is recorded. */
  onExceed: 'refuse' | 'observe'
}

/** What names a budget. */
export type BudgetKey = Pick<Budget, 'id' | 'measure' | 'window'>

/** A budget with what its window has seen: used + held <= leased <= limit, unless it was lowered in it. */
export interface BudgetState extends Budget {
  /** The configuration's, or an operator's. */
  source: 'configuration' | 'operator'
  /** What accounts have of it, used or not. */
  leased: bigint
  used: bigint
  held: bigint
  /** How many accounts that is. */
  accounts: number
  /** `null` while nothing was asked of it in this window, and for a total. */
  windowEnd: Date | null
  /** Something was refused in this window, or would have been. */
  isExceeded: boolean
  changedBy: Actor | null
  changedAt: Date
}

export type RemovedBudget =
  /** It is gone, or that of the configuration holds again. */
  | 'removed'
  | 'configured'
  /** There is none, or it is the configuration's, which only the configuration takes away. */
  | 'missing'

/**
 * Budgets over all accounts: of everything, a provider or a model. They are leased to accounts in
 * slices, so that a call locks its own account only: what an account has leased is all it may use
 * without asking again. All together never hold and use more than the budget in its window; a call
 * may be refused early, by no more than others have leased and not used. Windows are of one time zone.
 */
export abstract class Budgets {
  abstract list(): Promise<BudgetState[]>

  /** Writes a budget, or changes it. It holds from the next call on; what is leased beyond it and not used comes back. */
  abstract set(budget: Budget, actor: Actor): Promise<void>

  abstract remove(key: BudgetKey, actor: Actor): Promise<RemovedBudget>

  /**
   * Takes back what accounts have leased and not used that began nothing for so long, and finishes what
   * a process left under way. Answers how many leases came back.
   */
  abstract giveBack(options: { quietSeconds: number }): Promise<number>
}

const ID = /^(?:all|(?:provider|model):(?=\S).{1,180})$/

/** What is wrong with a budget, by field, or `null` where it makes sense. */
export function budgetProblem(budget: Budget): { field: keyof Budget; message: string } | null {
  const { id, measure, window, limit, onExceed } = budget
  if (!ID.test(id)) {
    return problem('id', `"${id}" is none. Use all, provider:<id> or model:<name>.`)
  }
  if ((measure as string) === 'concurrency') {
    return problem(
      'measure',
      'What runs at once is no budget. Use requests, credits, tokens, images or seconds; config/queue.ts limits what runs at once.'
    )
  }
  if (!MEASURES.includes(measure)) {
    return problem('measure', `"${measure}" is not known. Use: ${COUNTED.join(', ')}.`)
  }
  if (!WINDOWS.includes(window)) {
    return problem('window', `"${window}" is not known. Use: ${WINDOWS.join(', ')}.`)
  }
  if (!isWithinBounds(limit)) return problem('limit', boundsText(measure))
  if ((onExceed as string) === 'queue') {
    return problem(
      'onExceed',
      'Nothing can wait for a budget over all accounts: nobody would be the next. Use refuse or observe.'
    )
  }
  if (!BEYOND.includes(onExceed)) {
    return problem('onExceed', `"${onExceed}" is not known. Use: refuse, observe.`)
  }
  return null
}

/** What is wrong with budgets of a configuration and the zone of their windows, or `null`. */
export function budgetsProblem(budgets: Budget[], zone: string): string | null {
  if (!isSharedTimezone(zone)) return `"${zone}" is no time zone. Use a name such as Europe/Berlin.`
  const names = new Set<string>()
  for (const budget of budgets) {
    const { id, measure, window } = budget
    const name = `${id} ${measure} per ${window}`
    const wrong = budgetProblem(budget)
    if (wrong) return `The budget of ${name}: ${wrong.field}: ${wrong.message}`
    if (names.has(name)) return `The budget of ${name} stands there twice.`
    names.add(name)
  }
  return null
}

/** A budget for those whose it is not: `The platform's budget of credits per month for provider acme`. */
export function budgetText({
  scopeId,
  measure,
  window,
}: Pick<LimitState, 'scopeId' | 'measure' | 'window'>): string {
  const [what, ...name] = scopeId.split(':')
  const whose = what === 'all' ? '' : ` for ${what} ${name.join(':')}`
  const per = window === 'total' ? 'in total' : `per ${window}`
  return `The platform's budget of ${measure} ${per}${whose}`
}

/** What a budget can count. */
export const COUNTED = MEASURES.filter((measure) => measure !== 'concurrency')

function problem(field: keyof Budget, message: string) {
  return { field, message }
}
