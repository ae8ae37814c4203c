import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import type { Actor } from '#core/ledger/types'
import { derivationOf } from '#core/prices/derivation'
import { PriceInput, type InputProblem } from '#app/generations/actions/price_input'
import type { Quote } from '#app/generations/queries/quote_query'
import { inputDigest, sealOf, type QuoteFacts } from '#app/generations/quote_seal'
import settings from '#config/quotes'

interface QuoteRequest {
  accountId: string
  actor: Actor
  model: string
  input: Record<string, unknown>
  /** Seconds, at most `longest` of the configuration. */
  lifetime?: number
}

export type QuoteOutcome = { ok: true; quote: Quote } | { ok: false; problem: InputProblem }

/** Promises a price for one input: a ceiling that holds until it expires. Reserves nothing. */
@inject()
export class MakeQuote {
  constructor(private readonly priceInput: PriceInput) {}

  async handle(request: QuoteRequest, now = new Date()): Promise<QuoteOutcome> {
    const { accountId, actor, lifetime = settings.lifetime } = request
    const priced = await this.priceInput.handle({ ...request, createdBy: actor })
    if (!priced.ok) return priced
    const { model, price, terms, pin } = priced
    const id = newId('quo')
    const facts: QuoteFacts = {
      accountId,
      id,
      model: model.name,
      inputDigest: inputDigest(model.name, priced.input, priced.references),
      pins: { candidates: { [model.name]: pin }, quote: id },
      ceiling: price.credits,
      expiresAt: new Date(now.getTime() + lifetime * 1000),
    }
    const derivation = derivationOf(terms, price)
    const quote: Quote = { ...facts, seal: sealOf(facts), derivation, createdAt: now }
    await keep(quote, actor)
    return { ok: true, quote }
  }
}

async function keep(quote: Quote, actor: Actor) {
  await db.table('quotes').insert({
    account_id: quote.accountId,
    id: quote.id,
    model: quote.model,
    input_digest: quote.inputDigest,
    price_pins: JSON.stringify(quote.pins),
    ceiling_micro: quote.ceiling.micro.toString(),
    derivation: JSON.stringify(quote.derivation),
    seal: quote.seal,
    actor,
    created_at: quote.createdAt,
    expires_at: quote.expiresAt,
  })
}
