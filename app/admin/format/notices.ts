import { PLATFORM, type Notice, type NoticeFacts } from '#core/notices/notices'
import { creditsText } from '#app/admin/format/amounts'
import { circuitMend } from '#app/admin/format/circuits'
import { limitText, quantity } from '#app/admin/format/limits'
import { instantText } from '#app/admin/format/times'

/** A notice as the console shows it: how bad, what, and in a sentence. */
export function noticeRow({ facts, ...notice }: Notice) {
  const isOfPlatform = notice.accountId === PLATFORM
  return {
    ...notice,
    isOfPlatform,
    platformPage: facts.type === 'budget_threshold' ? '/admin/budgets' : '/admin/models',
    tone: toneOf(facts),
    title: titleOf(facts),
    text: textOf(facts),
  }
}

function toneOf(facts: NoticeFacts): 'failed' | 'expired' | 'queued' {
  if (facts.type === 'budget_threshold') return facts.percent === 100 ? 'expired' : 'queued'
  if (facts.type === 'limit_observed') return 'queued'
  return facts.type === 'balance_low' ? 'expired' : 'failed'
}

function titleOf(facts: NoticeFacts): string {
  switch (facts.type) {
    case 'budget_threshold':
      return `Budget at ${facts.percent} %`
    case 'limit_observed':
      return 'A limit would refuse'
    case 'balance_low':
      return 'Credits run low'
    case 'overdraft':
      return 'Account in debt'
    case 'loss':
      return 'Loss'
    case 'ledger_violation':
      return 'Books do not add up'
    case 'provider_unavailable':
      return 'Provider unavailable'
    case 'price_drift':
      return 'Price is off'
    case 'webhook_disabled':
      return 'Webhook disabled'
  }
}

function textOf(facts: NoticeFacts): string {
  switch (facts.type) {
    case 'budget_threshold':
      return `${quantity(facts.measure, facts.used)} used and ${quantity(facts.measure, facts.held)} held of ${limitText(facts)}.`
    case 'limit_observed':
      return `The limit of ${limitText(facts)} only observes, and was passed.`
    case 'balance_low':
      return `${creditsText(facts.available)} credits were left, fewer than ${creditsText(facts.below)}.`
    case 'overdraft':
      return `${creditsText(facts.overdraft)} credits are owed. The next grant repays them first.`
    case 'loss':
      return `${creditsText(facts.credits)} credits that the user does not pay (${facts.kind}).`
    case 'ledger_violation':
      return `${facts.invariant}: ${facts.detail}`
    case 'provider_unavailable':
      return `${facts.provider} is left alone: ${facts.message} ${circuitMend(facts.cause)}`
    case 'price_drift':
      return `${facts.model} is billed ${Math.abs(facts.part * 100).toFixed(1)} % ${facts.part > 0 ? 'more' : 'less'} than its price says, over ${facts.jobs} jobs. ${facts.mend}`
    case 'webhook_disabled':
      return facts.because === 'gone'
        ? `${facts.url} answered 410 Gone. It is told nothing until it is enabled again.`
        : `${facts.url} has failed since ${instantText(facts.failingSince)}. It is told nothing until it is enabled again.`
  }
}
