import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { Usd } from '#core/ledger/credits'
import { driftOf, partOf } from '#core/prices/drift'
import { PriceArchive } from '#core/prices/price_archive'
import type { PricePins } from '#core/prices/price_model'
import type { ModelPrice, ReportedCost } from '#core/prices/price_rule'
import { quantitiesOf } from '#core/prices/units'

/** The newest attempts that are looked at, of all models: a page must not read a year. */
const NEWEST = 20_000
/** Fewer jobs may be chance. */
export const FEWEST_JOBS = 20
/** By how much of its price a model may be off. */
export const TOLERATED = 0.05

export interface ModelDrift {
  model: string
  jobs: number
  /** What its price says of all of them, and what its vendor did. */
  own: Usd
  reported: Usd
  /** 0.1: the vendor bills a tenth more than the price says. */
  part: number
  /** Reports that cannot be read at all: an unknown unit, say. */
  unread: number
  isOff: boolean
}

interface Row {
  model: string
  units: Record<string, unknown>
  pins: PricePins
  held_at: Date
}

/** How far vendors' own figures are from the prices that stand in for them, by model, the furthest first. */
@inject()
export class PriceDriftQuery {
  constructor(private readonly prices: PriceArchive) {}

  async handle(): Promise<ModelDrift[]> {
    const { rows } = await db.rawQuery<{ rows: Row[] }>(
      `select e.model, e.units, h.price_pins as pins, h.created_at as held_at
       from (select * from usage_events order by created_at desc limit ?) e
       join holds h on h.account_id = e.account_id and h.id = e.job_id
       where e.status = 'succeeded' and jsonb_exists(e.units, 'reported')`,
      [NEWEST]
    )
    const prices = new Map<string, Promise<ModelPrice>>()
    const models = new Map<string, Omit<ModelDrift, 'part' | 'isOff'>>()
    for (const { model, units, pins, held_at: at } of rows) {
      const pin = pins.candidates?.[model]
      if (!pin) continue
      const key = `${model} ${pin.price}`
      const price = prices.get(key) ?? this.prices.vendorPrice(model, pin.price)
      prices.set(key, price)
      const { rule } = await price
      const reported = units.reported as ReportedCost
      const drift = driftOf(rule, { quantities: quantitiesOf(units), keys: pin.keys, at, reported })
      const sum = models.get(model) ?? {
        ...{ model, jobs: 0, unread: 0, own: Usd.zero, reported: Usd.zero },
      }
      models.set(
        model,
        drift
          ? {
              ...{ ...sum, jobs: sum.jobs + 1 },
              own: Usd.fromMicro(sum.own.micro + drift.own.micro),
              reported: Usd.fromMicro(sum.reported.micro + drift.reported.micro),
            }
          : { ...sum, unread: sum.unread + 1 }
      )
    }
    return [...models.values()]
      .map((sum) => {
        const part = partOf(sum.own, sum.reported)
        return { ...sum, part, isOff: sum.jobs >= FEWEST_JOBS && Math.abs(part) > TOLERATED }
      })
      .sort((a, b) => Math.abs(b.part) - Math.abs(a.part))
  }
}

/** What would mend it, for whoever writes the plugin. */
export function mendOf({ model, jobs, part }: ModelDrift, now: Date): string {
  const [provider, id] = model.split('/')
  const day = now.toISOString().slice(0, 10)
  const factor = (1 + part).toFixed(3)
  return `plugins/${provider}/models.ts, ${id}: multiply the rates of "otherwise" by ${factor}, as a price of version "${day}" whose source is "as reported with ${jobs} jobs". Holds ${part > 0 ? 'are too small' : 'keep more than is needed'} until then.`
}
