import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { PLATFORM } from '#core/notices/notices'
import { mendOf, PriceDriftQuery } from '#app/pricing/queries/price_drift_query'

/** Notices of the models whose price is off: each once a month, as long as it is. */
@inject()
export class TellDrift {
  constructor(private readonly query: PriceDriftQuery) {}

  /** Answers which are off. */
  async handle(now = new Date()): Promise<string[]> {
    const drifts = await this.query.handle()
    const off = drifts.filter(({ isOff }) => isOff)
    for (const drift of off) {
      const { model, jobs, part } = drift
      const facts = { model, jobs, part, mend: mendOf(drift, now) }
      await db.rawQuery(`select notice_write(?, 'price_drift', ?, ?, ?)`, [
        ...[PLATFORM, model, now.toISOString().slice(0, 7), JSON.stringify(facts)],
      ])
    }
    return off.map(({ model }) => model)
  }
}
