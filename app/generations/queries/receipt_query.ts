import { inject } from '@adonisjs/core'
import { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import type { Entry, Loss, Slice } from '#core/ledger/types'
import type { PricePin, PricePins } from '#core/prices/price_model'
import { attemptsQuery, type Attempt } from './attempts_query.js'
import { generationQuery, type GenerationView } from './generation_query.js'

/** More than a job can have: one of each kind an attempt. */
const LOSSES = 100

export interface Receipt {
  generation: GenerationView
  /** The quote that locked its price, where there was one. */
  quote: string | null
  /** The versions that its price was computed with. */
  pricedWith: PricePin | null
  hold: { amount: Credits; state: string; drawn: Slice[] }
  charged: Credits
  returned: Credits
  /** Given back after it was charged, all refunds together. */
  refunded: Credits
  attempts: Attempt[]
  entries: Entry[]
  /** What the platform ate. */
  losses: Loss[]
}

/** The whole account of one generation's money, or `null` when there is no such generation. */
@inject()
export class ReceiptQuery {
  constructor(private readonly ledger: Ledger) {}

  async handle(accountId: string, id: string): Promise<Receipt | null> {
    const generation = await generationQuery(accountId, id)
    if (!generation) return null
    const [hold, entries, attempts, losses] = await Promise.all([
      this.ledger.hold(accountId, generation.jobId),
      this.ledger.entriesOfHold(accountId, generation.jobId),
      attemptsQuery(accountId, generation.jobId),
      this.ledger.losses(accountId, { jobId: generation.jobId, limit: LOSSES }),
    ])
    const amount = hold?.amount ?? Credits.zero
    const charged = hold?.cost ?? Credits.zero
    const open = hold?.state === 'held'
    const pins = hold?.pricePins as Partial<PricePins> | undefined
    return {
      generation,
      quote: pins?.quote ?? null,
      pricedWith: pins?.candidates?.[generation.model] ?? null,
      hold: { amount, state: hold?.state ?? 'none', drawn: hold?.slices ?? [] },
      charged,
      returned: open ? Credits.zero : amount.minus(charged),
      refunded: entries
        .filter(({ kind }) => kind === 'refund')
        .reduce((sum, entry) => sum.plus(entry.amount), Credits.zero),
      attempts,
      entries,
      losses,
    }
  }
}
