import type { NoticeFacts } from '#core/notices/notices'
import type { EventType } from '#app/webhooks/event_types'

interface NoticeEvent {
  type: EventType
  facts: Record<string, unknown>
}

/** A notice as an event, in the words of the API; `null` for what only operators should know. */
export function noticeData(facts: NoticeFacts): NoticeEvent | null {
  switch (facts.type) {
    case 'balance_low': {
      const { available, below } = facts
      return { type: 'balance.low', facts: { object: 'balance', available, below } }
    }
    case 'overdraft':
      return {
        type: 'balance.overdraft',
        facts: { object: 'balance', overdraft: facts.overdraft },
      }
    case 'budget_threshold': {
      const { percent, scope, scopeId, measure, window } = facts
      // A budget over all accounts is for operators' eyes only.
      if (scope === 'platform') return null
      const [limit, used, held] = [facts.limit, facts.used, facts.held].map(String)
      const numbers = { scope, scope_id: scopeId, measure, window, limit, used, held }
      return { type: 'budget.threshold', facts: { object: 'budget', percent, ...numbers } }
    }
    case 'webhook_disabled': {
      const { endpointId: id, url, because, failingSince } = facts
      const told = { object: 'webhook_endpoint', id, url, because, failing_since: failingSince }
      return { type: 'webhook_endpoint.disabled', facts: told }
    }
    case 'limit_observed':
    case 'loss':
    case 'ledger_violation':
    case 'provider_unavailable':
    case 'price_drift':
      return null
  }
}
