import { Credits } from '#core/ledger/credits'
import type { ExplainedRefusal, RecordedRefusal } from '#core/quota/refusal_log'
import { creditsText } from '#app/admin/format/amounts'
import { limitText, quantity, scopeText } from '#app/admin/format/limits'

const TITLES: Record<ExplainedRefusal['type'], string> = {
  insufficient_credits: 'Not enough credits',
  max_credits_exceeded: 'Dearer than the caller allowed',
  account_in_debt: 'The account is in debt',
  account_closed: 'The account is closed',
  limit_exceeded: 'A limit is reached',
}

/** Why a generation was not started, and what to do about it, for an operator. */
export function refusalText(refusal: ExplainedRefusal): string {
  switch (refusal.type) {
    case 'insufficient_credits':
      return `This can cost ${creditsText(refusal.needed)} credits, and ${creditsText(refusal.available)} are available. Grant credits to the organisation, or ask for less.`
    case 'max_credits_exceeded':
      return `This can cost ${creditsText(refusal.needed)} credits, more than the limit of ${creditsText(refusal.limit)}.`
    case 'account_in_debt':
      return `The organisation owes ${creditsText(refusal.overdraft)} credits. A grant repays them first.`
    case 'account_closed':
      return 'The account of this organisation is closed.'
    case 'limit_exceeded': {
      const { limit, retryAfterSeconds } = refusal
      const wait = retryAfterSeconds === null ? '' : ` It clears in ${retryAfterSeconds} s.`
      return limit.scope === 'platform'
        ? `The budget of ${limitText(limit)} has no room for this.${wait}`
        : `The limit of ${limitText(limit)} is reached.${wait}`
    }
  }
}

/** A refusal as the console shows it. */
export function refusalRow(record: RecordedRefusal) {
  const { refusal } = record
  return {
    ...record,
    status: isSpeed(refusal) ? 429 : 402,
    title: record.observed ? 'A limit would have refused' : TITLES[refusal.type],
    // As it was then: what clears in seconds has long cleared.
    text: refusalText(
      refusal.type === 'limit_exceeded' ? { ...refusal, retryAfterSeconds: null } : refusal
    ),
    numbers: numbersOf(refusal),
  }
}

function isSpeed(refusal: ExplainedRefusal): boolean {
  return refusal.type === 'limit_exceeded' && refusal.limit.measure !== 'credits'
}

/** What was compared, by what it is called. */
function numbersOf(refusal: ExplainedRefusal): { name: string; value: string }[] {
  if (refusal.type === 'limit_exceeded') {
    const { limit } = refusal
    const text = (amount: bigint) => `${quantity(limit.measure, amount)} ${limit.measure}`
    if (limit.scope === 'platform') {
      return [
        { name: 'Budget over all', value: limitText(limit) },
        { name: 'Leased to organisations', value: text(limit.used) },
        { name: 'Needed', value: text(limit.needed) },
      ]
    }
    return [
      { name: 'Limit', value: limitText(limit) },
      { name: 'Counted for', value: `${scopeText(limit.scope)} ${limit.scopeId}` },
      { name: 'Used', value: text(limit.used) },
      { name: 'Held', value: text(limit.held) },
      { name: 'Needed', value: text(limit.needed) },
    ]
  }
  return Object.entries(refusal).flatMap(([name, value]) =>
    value instanceof Credits
      ? [
          {
            name: `${name[0].toUpperCase()}${name.slice(1)}`,
            value: `${creditsText(value)} credits`,
          },
        ]
      : []
  )
}
