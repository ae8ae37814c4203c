import { budgetText } from '#core/quota/budgets'
import { amountText } from '#core/quota/limit_rule'
import type { Alternative, ExplainedRefusal } from '#core/quota/refusal_log'
import { ApiProblem } from '#app/exceptions/api_problem'

/**
 * A refusal as the API words it: 402 for money, 429 for speed, each with its numbers, the id
 * it can be read by later, and the cheapest model that would have passed.
 */
export function refusalProblem(refused: {
  refusal: ExplainedRefusal
  refusalId: string
  alternative: Alternative | null
}): ApiProblem {
  const found = problemOf(refused.refusal)
  const { facts } = found.problem
  found.problem.facts = {
    ...facts,
    refusal_id: refused.refusalId,
    alternative: refused.alternative,
  }
  return found
}

/** The same without what came of it. */
export function problemOf(refusal: ExplainedRefusal): ApiProblem {
  switch (refusal.type) {
    case 'insufficient_credits':
      return money(
        refusal.type,
        `This needs ${refusal.needed} credits and ${refusal.available} are available. Nothing was charged. Top up, or ask for less.`,
        { needed: refusal.needed, available: refusal.available, held: refusal.held }
      )
    case 'max_credits_exceeded':
      return money(
        refusal.type,
        `This can cost up to ${refusal.needed} credits, more than your max_credits of ${refusal.limit}. Nothing was charged.`,
        { needed: refusal.needed, limit: refusal.limit }
      )
    case 'account_in_debt':
      return money(
        refusal.type,
        `The account owes ${refusal.overdraft} credits. Top up to go on.`,
        { overdraft: refusal.overdraft }
      )
    case 'account_closed':
      return money(refusal.type, 'The account is closed. Ask an operator to open it.', {})
    case 'limit_exceeded':
      return limitProblem(refusal)
  }
}

type LimitExceeded = Extract<ExplainedRefusal, { type: 'limit_exceeded' }>

function limitProblem({ limit, retryAfterSeconds }: LimitExceeded) {
  if (limit.scope === 'platform') return budgetProblem({ limit, retryAfterSeconds })
  const isMoney = limit.measure === 'credits'
  const amount = (value: bigint) => amountText(limit.measure, value)
  const words = limit.scope.replace('_', ' ')
  const wait = retryAfterSeconds === null ? '' : ` It clears in ${retryAfterSeconds} s.`
  const per = limit.window === 'total' ? 'in total' : `per ${limit.window}`
  const whole = `${amount(limit.limit)} ${limit.measure} ${per} of this ${words}`
  const message =
    limit.needed > limit.limit
      ? `This needs ${amount(limit.needed)} ${limit.measure}, more than the whole limit of ${whole}. Nothing was charged. Ask for less.`
      : `The limit of ${whole} is reached.${wait} Nothing was charged.`
  return new ApiProblem({
    status: isMoney ? 402 : 429,
    type: isMoney ? 'insufficient_credits' : 'rate_limit_error',
    code: isMoney ? 'budget_exceeded' : 'rate_limited',
    message,
    retryable: retryAfterSeconds !== null,
    headers: retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) },
    facts: {
      limit: {
        rule: limit.rule,
        scope: limit.scope,
        scope_id: limit.scopeId,
        measure: limit.measure,
        window: limit.window,
        limit: amount(limit.limit),
        used: amount(limit.used),
        held: amount(limit.held),
        needed: amount(limit.needed),
        clears_at: limit.clearsAt,
      },
    },
  })
}

/** A budget over all organisations: its figures are the platform's own. */
function budgetProblem({
  limit,
  retryAfterSeconds,
}: Pick<LimitExceeded, 'limit' | 'retryAfterSeconds'>) {
  const isMoney = limit.measure === 'credits'
  const { rule, scope, measure, window, clearsAt } = limit
  const wait = retryAfterSeconds === null ? '' : ` It clears in ${retryAfterSeconds} s, or earlier.`
  return new ApiProblem({
    status: isMoney ? 402 : 429,
    type: isMoney ? 'insufficient_credits' : 'rate_limit_error',
    code: isMoney ? 'budget_exceeded' : 'rate_limited',
    message: `${budgetText(limit)} has no room for this.${wait} Nothing was charged.`,
    retryable: retryAfterSeconds !== null,
    headers: retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) },
    facts: {
      limit: {
        rule,
        scope,
        measure,
        window,
        needed: amountText(measure, limit.needed),
        clears_at: clearsAt,
      },
    },
  })
}

function money(code: string, message: string, facts: Record<string, unknown>) {
  return new ApiProblem({ status: 402, type: 'insufficient_credits', code, message, facts })
}
