import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'
import type { Usage } from '#core/plugins/model_provider'
import { PriceArchive } from '#core/prices/price_archive'
import { actualPrice, upperOf, type Price } from '#core/prices/price_model'
import type { Attempt } from '#app/generations/attempt'
import { pinnedTerms } from '#app/generations/pinned_terms'

/** What an attempt costs, by the versions that its hold pinned: not by what holds today. */
@inject()
export class PriceDelivery {
  constructor(
    private readonly prices: PriceArchive,
    private readonly logger: Logger
  ) {}

  async handle(attempt: Attempt, raw: unknown): Promise<{ usage: Usage; price: Price }> {
    const usage = attempt.provider.usage(raw)
    return { usage, price: await this.measured(attempt, usage) }
  }

  /** What was measured, or what the vendor says it bills. */
  async measured(attempt: Attempt, usage: Usage): Promise<Price> {
    const { job, model, generation, call } = attempt
    const pin = generation.pins.candidates[model.name]
    const order = {
      usage,
      input: generation.input,
      references: call.references,
      keys: pin.keys,
      upper: upperOf(pin),
      at: generation.heldAt,
    }
    const price = actualPrice(model, order, await pinnedTerms(this.prices, model.name, pin))
    const { report } = price
    if (report?.doubt) {
      this.logger.warn(
        { code: 'reported_price_doubted', job: job.id, model: model.name, ...report },
        'the price that a vendor reported was not believed; its declared price was taken'
      )
    }
    return price
  }
}
