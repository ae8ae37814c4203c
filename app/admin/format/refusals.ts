import type { Refusal } from '#core/quota/refusal'
import { creditsText } from '#app/admin/format/amounts'
import { limitText } from '#app/admin/format/limits'

/** Why a generation was not started, and what to do about it, for an operator. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.type) {
    case 'insufficient_credits':
      return `This can cost ${creditsText(refusal.needed)} credits, and ${creditsText(refusal.available)} are available. Grant credits to the organisation, or ask for less.`
    case 'max_credits_exceeded':
      return `This can cost ${creditsText(refusal.needed)} credits, more than the limit of ${creditsText(refusal.limit)}.`
    case 'account_in_debt':
      return `The organisation owes ${creditsText(refusal.overdraft)} credits. A grant repays them first.`
    case 'account_closed':
      return 'The account of this organisation is closed.'
    case 'key_revoked':
      return 'The API key was revoked.'
    case 'limit_exceeded': {
      const { limit, retryAfterSeconds } = refusal
      const wait = retryAfterSeconds === null ? '' : ` It clears in ${retryAfterSeconds} s.`
      return `The limit of ${limitText(limit)} is reached.${wait}`
    }
  }
}
