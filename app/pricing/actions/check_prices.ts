import { inject } from '@adonisjs/core'
import type { Credits } from '#core/ledger/credits'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { PriceArchive } from '#core/prices/price_archive'
import type { PriceBook } from '#core/prices/price_book'
import {
  actualPrice,
  requestedOutputs,
  termsInForce,
  upperPrice,
  type Terms,
} from '#core/prices/price_model'
import { legalOrders, type LegalOrder } from '#app/pricing/legal_inputs'

const SEED = 20_270_101
const LIMIT = 500

interface CheckOptions {
  seed?: number
  /** Combinations a model, where it has more. */
  limit?: number
  /** Another book than the one that holds, and another moment than this one. */
  book?: PriceBook
  at?: Date
}

export interface CheckedModel {
  model: string
  isFree: boolean
  /** The page of the book that prices it. */
  page: string
  orders: number
  lowest: Credits | null
  highest: Credits | null
  /** The first order that is not priced right. */
  failure: (LegalOrder & { reason: string }) | null
}

/**
 * Prices orders that each model takes, and says which is not above zero or cannot be priced
 * at all. A model may cost nothing only where it says `free: true`.
 */
@inject()
export class CheckPrices {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly prices: PriceArchive
  ) {}

  handle(options: CheckOptions = {}): CheckedModel[] {
    return this.registry.models().map((model) => checkModel(model, this.prices.book, options))
  }
}

function checkModel(
  model: RegisteredModel,
  inForce: PriceBook,
  { seed = SEED, limit = LIMIT, book = inForce, at = new Date() }: CheckOptions
): CheckedModel {
  const terms = termsInForce(model, book, at)
  const checked: CheckedModel = {
    model: model.name,
    isFree: 'free' in terms.price.rule,
    page: terms.page.id,
    orders: 0,
    lowest: null,
    highest: null,
    failure: null,
  }
  for (const order of legalOrders(model, { seed, limit })) {
    checked.orders++
    const { credits, reason } = priceOf(model, order, terms)
    if (reason !== null) return { ...checked, failure: { ...order, reason } }
    if (!checked.lowest || credits.micro < checked.lowest.micro) checked.lowest = credits
    if (!checked.highest || credits.micro > checked.highest.micro) checked.highest = credits
  }
  if (checked.orders > 0) return checked
  const reason = 'no legal input was found: give the model examples or defaults'
  return { ...checked, failure: { input: model.example, references: {}, reason } }
}

type Verdict = { credits: Credits; reason: null } | { credits: null; reason: string }

function priceOf(model: RegisteredModel, order: LegalOrder, terms: Terms): Verdict {
  const wrong = (reason: string): Verdict => ({ credits: null, reason })
  try {
    const upper = upperPrice(model, order, terms)
    if ('free' in terms.price.rule) return { credits: upper.credits, reason: null }
    if (upper.cost.isZero) return wrong('the vendor’s price is 0')
    if (upper.credits.isZero) return wrong('the user’s price is 0')
    const usage = { outputs: requestedOutputs(model, order.input) }
    const done = { ...order, usage, upper: upper.cost, at: new Date() }
    const actual = actualPrice(model, done, terms)
    if (actual.credits.micro > upper.credits.micro) {
      return wrong(`it costs ${actual.credits} when done, and ${upper.credits} are held`)
    }
    return { credits: upper.credits, reason: null }
  } catch (error) {
    return wrong((error as Error).message)
  }
}
