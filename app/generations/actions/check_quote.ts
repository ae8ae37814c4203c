import type { Credits } from '#core/ledger/credits'
import type { PricePins } from '#core/prices/price_model'
import type { InputProblem, PricedInput } from '#app/generations/actions/price_input'
import { quoteQuery } from '#app/generations/queries/quote_query'
import { inputDigest, isSealed } from '#app/generations/quote_seal'

export type QuotePromise =
  /** What is held, and the versions that it is settled by. */
  { ok: true; ceiling: Credits; pins: PricePins } | { ok: false; problem: InputProblem }

interface QuoteUse {
  accountId: string
  quoteId: string
  /** The input it is to hold for. */
  priced: Extract<PricedInput, { ok: true }>
  now: Date
}

/** Whether a quote holds for this input, now, and what it promises. */
export class CheckQuote {
  async handle({ accountId, quoteId, priced, now }: QuoteUse): Promise<QuotePromise> {
    const quote = await quoteQuery(accountId, quoteId)
    if (!quote) {
      return refuse('quote_not_found', `There is no quote ${quoteId} in this organisation.`)
    }
    if (!isSealed(quote, quote.seal)) {
      return refuse('quote_invalid', 'The quote is not as it was made. Ask for a new one.')
    }
    const { model, input, references } = priced
    if (quote.inputDigest !== inputDigest(model.name, input, references)) {
      return refuse(
        'quote_mismatch',
        `The quote is for another input${quote.model === model.name ? '' : ` of ${quote.model}`}. Send the input that was quoted, files included, or ask for a new quote.`
      )
    }
    if (quote.expiresAt <= now) {
      return refuse(
        'quote_expired',
        `The quote expired at ${quote.expiresAt.toISOString()}. Ask for a new one; nothing was charged.`
      )
    }
    return { ok: true, ceiling: quote.ceiling, pins: quote.pins }
  }
}

function refuse(code: string, message: string): QuotePromise {
  return { ok: false, problem: { code, param: '/quote_id', message } }
}
