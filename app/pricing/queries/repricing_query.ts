import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { Credits, Usd } from '#core/ledger/credits'
import { derivationOf, type Derivation } from '#core/prices/derivation'
import { PriceArchive } from '#core/prices/price_archive'
import { priced, upperOf, type PricePins } from '#core/prices/price_model'
import type { ReportedCost } from '#core/prices/price_rule'
import { quantitiesOf } from '#core/prices/units'
import { pinnedTerms } from '#app/generations/pinned_terms'

interface Money {
  vendorCost: Usd
  price: Credits
}

export interface RepricedAttempt {
  attempt: number
  model: string
  status: string
  units: Record<string, unknown>
  recorded: Money
  /** By the versions that were pinned. An attempt that delivered nothing costs nothing. */
  computed: Money
  /** What it cost before the hold capped it; `null` where nothing was delivered. */
  derivation: Derivation | null
  isSame: boolean
}

export interface Repricing {
  accountId: string
  generationId: string
  jobId: string
  pins: PricePins
  hold: { amount: Credits; state: string }
  charged: Credits
  attempts: RepricedAttempt[]
  /** Every figure is what it was, and they sum up to what was charged. */
  isSame: boolean
}

/** Computes the price of a past job once more, from nothing but what was kept of it. */
@inject()
export class RepricingQuery {
  constructor(private readonly prices: PriceArchive) {}

  /** By the id of the job or of its generation; `null` where there is none. */
  async handle(id: string): Promise<Repricing | null> {
    const hold = await holdOf(id)
    if (!hold) return null
    const events = await db
      .from('usage_events')
      .where({ account_id: hold.account_id, job_id: hold.job_id })
      .orderBy('attempt')
    const attempts: RepricedAttempt[] = []
    for (const event of events) attempts.push(await this.#reprice(event, hold))
    const charged = Credits.fromMicro(hold.cost_micro ?? 0n)
    const sum = attempts.reduce((total, { computed }) => total.plus(computed.price), Credits.zero)
    return {
      accountId: hold.account_id,
      generationId: hold.generation_id,
      jobId: hold.job_id,
      pins: hold.price_pins,
      hold: { amount: Credits.fromMicro(hold.amount_micro), state: hold.state },
      charged,
      attempts,
      isSame: attempts.every(({ isSame }) => isSame) && sum.micro === charged.micro,
    }
  }

  async #reprice(event: Record<string, any>, hold: HoldRow): Promise<RepricedAttempt> {
    const recorded = {
      vendorCost: Usd.fromMicro(event.vendor_cost_micro_usd),
      price: Credits.fromMicro(event.price_micro),
    }
    const { computed, derivation } = await this.#compute(event, hold)
    return {
      attempt: event.attempt,
      model: event.model,
      status: event.status,
      units: event.units,
      recorded,
      computed,
      derivation,
      isSame:
        computed.price.micro === recorded.price.micro &&
        computed.vendorCost.micro === recorded.vendorCost.micro,
    }
  }

  async #compute(event: Record<string, any>, hold: HoldRow) {
    const pin = hold.price_pins.candidates?.[event.model]
    if (event.status !== 'succeeded' || !pin) {
      return { computed: { vendorCost: Usd.zero, price: Credits.zero }, derivation: null }
    }
    const terms = await pinnedTerms(this.prices, event.model, pin)
    const price = priced(terms, {
      quantities: quantitiesOf(event.units),
      keys: pin.keys,
      at: hold.created_at,
      upper: upperOf(pin),
      reported: (event.units.reported as ReportedCost | undefined) ?? null,
    })
    const cap = hold.state === 'settled' ? hold.amount_micro : 0n
    const micro = price.credits.micro < cap ? price.credits.micro : cap
    const computed = { vendorCost: price.cost, price: Credits.fromMicro(micro) }
    return { computed, derivation: derivationOf(terms, price) }
  }
}

interface HoldRow {
  account_id: string
  generation_id: string
  job_id: string
  state: string
  amount_micro: bigint
  cost_micro: bigint | null
  price_pins: PricePins
  created_at: Date
}

/** Job and generation are born with one suffix, and generations are found by id alone. */
async function holdOf(id: string): Promise<HoldRow | null> {
  return db
    .from('generations as g')
    .join('holds as h', (join) => join.on('h.account_id', 'g.account_id').andOn('h.id', 'g.job_id'))
    .select('g.account_id', 'g.id as generation_id', 'g.job_id', 'h.state', 'h.amount_micro')
    .select('h.cost_micro', 'h.price_pins', 'h.created_at')
    .where('g.id', id.replace(/^job_/, 'gen_'))
    .first()
}
