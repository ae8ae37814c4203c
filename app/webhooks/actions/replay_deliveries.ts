import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { JobQueue } from '#core/queue/job_queue'
import { deliveryQuery, type DeliveryState } from '#app/webhooks/queries/deliveries_query'
import { endpointQuery } from '#app/webhooks/queries/endpoint_query'

/** How many one call sends again. */
export const MOST_REPLAYED = 1_000

interface Range {
  accountId: string
  endpointId: string
  from: Date
  to: Date
  states: DeliveryState[]
  /** Goes on behind this event of the endpoint. */
  afterSeq?: number
}

export type RangeReplay =
  | { outcome: 'replayed'; count: number; lastSeq: number | null; isMore: boolean }
  | { outcome: 'missing' }
  | { outcome: 'disabled' }

/** Sends deliveries again, from the first try on: the same events with the same ids. */
@inject()
export class ReplayDeliveries {
  constructor(private readonly queue: JobQueue) {}

  /** One, whatever came of it before; what is still to come of it comes now. */
  async one(accountId: string, id: string): Promise<'replayed' | 'missing' | 'disabled'> {
    const delivery = await deliveryQuery(accountId, id)
    if (!delivery) return 'missing'
    if (delivery.endpointId) {
      const endpoint = await endpointQuery(accountId, delivery.endpointId)
      if (!endpoint) return 'missing'
      if (endpoint.disabled) return 'disabled'
    }
    await this.#replay({ account: accountId, delivery: id, limit: 1 })
    return 'replayed'
  }

  /** Those of a span of time, in the order they happened, as many as one call may. */
  async range({
    accountId,
    endpointId,
    from,
    to,
    states,
    afterSeq = 0,
  }: Range): Promise<RangeReplay> {
    const endpoint = await endpointQuery(accountId, endpointId)
    if (!endpoint) return { outcome: 'missing' }
    if (endpoint.disabled) return { outcome: 'disabled' }
    const replayed = await this.#replay({
      account: accountId,
      endpoint: endpointId,
      from,
      to,
      states,
      after_seq: afterSeq,
      limit: MOST_REPLAYED,
    })
    return {
      outcome: 'replayed',
      count: replayed.length,
      lastSeq: replayed.length > 0 ? Number(replayed.at(-1)!.seq) : null,
      isMore: replayed.length === MOST_REPLAYED,
    }
  }

  async #replay(wanted: Record<string, unknown>): Promise<{ id: string; seq: bigint }[]> {
    const { rows } = await db.rawQuery('select * from webhook_replay(?)', [JSON.stringify(wanted)])
    if (rows.length > 0) this.queue.wake()
    return rows
  }
}
