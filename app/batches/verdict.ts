import { budgetText } from '#core/quota/budgets'
import { amountText } from '#core/quota/limit_rule'
import type { ExplainedRefusal } from '#core/quota/refusal_log'
import settings from '#config/batches'
import type { Waiting } from '#app/batches/queries/batches_query'

/** What a refusal of an item means for its batch. */
export type Verdict =
  /** The batch's own budget has no more than this left. */
  | { is: 'budget'; room: bigint }
  /** It goes on by itself: a limit clears, or what is under way makes room. */
  | { is: 'paced'; waiting: Waiting; until: Date | null }
  /** Somebody has to act, or a window has to end. */
  | { is: 'money'; waiting: Waiting; until: Date }
  /** No item can ever be started again. */
  | { is: 'over'; code: string }

export function verdictOf(refusal: ExplainedRefusal, refusalId: string, now: Date): Verdict {
  const soon = new Date(now.getTime() + settings.resume)
  const waiting = (code: string, message: string) => ({ code, message, refusal: refusalId })
  switch (refusal.type) {
    case 'account_closed':
      return { is: 'over', code: refusal.type }
    case 'max_credits_exceeded':
    case 'insufficient_credits': {
      const room = refusal.type === 'insufficient_credits' ? refusal.available : refusal.limit
      const message = `The next item needs ${refusal.needed} credits and ${room} are available.`
      return { is: 'money', waiting: waiting('insufficient_credits', message), until: soon }
    }
    case 'account_in_debt': {
      const message = `The account owes ${refusal.overdraft} credits.`
      return { is: 'money', waiting: waiting(refusal.type, message), until: soon }
    }
    case 'limit_exceeded': {
      const { scope, measure, window, limit, used, held, clearsAt } = refusal.limit
      if (scope === 'batch') return { is: 'budget', room: limit - used - held }
      const per = window === 'total' ? 'in total' : `per ${window}`
      const message =
        scope === 'platform'
          ? `${budgetText(refusal.limit)} has no room.`
          : `The limit of ${amountText(measure, limit)} ${measure} ${per} of this ${scope.replace('_', ' ')} is reached.`
      if (measure !== 'credits') {
        return { is: 'paced', waiting: waiting('rate_limited', message), until: clearsAt }
      }
      const until = clearsAt && clearsAt < soon ? clearsAt : soon
      return { is: 'money', waiting: waiting('budget_exceeded', message), until }
    }
  }
}
