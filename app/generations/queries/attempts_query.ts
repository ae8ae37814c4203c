import db from '@adonisjs/lucid/services/db'
import { Credits, Usd } from '#core/ledger/credits'

/** One try at a provider. */
export interface Attempt {
  attempt: number
  provider: string
  model: string
  status: string
  errorClass: string | null
  units: Record<string, number>
  price: Credits
  vendorCost: Usd
  durationMs: number
  /** By which the vendor finds it. */
  providerRequestId: string | null
  at: Date
}

/** All tries of a generation that have ended, the first one first. */
export async function attemptsQuery(accountId: string, jobId: string): Promise<Attempt[]> {
  const rows = await db
    .from('usage_events')
    .where({ account_id: accountId, job_id: jobId })
    .orderBy('attempt')
  return rows.map((row) => ({
    attempt: row.attempt,
    provider: row.provider,
    model: row.model,
    status: row.status,
    errorClass: row.error_class,
    units: row.units,
    price: Credits.fromMicro(row.price_micro),
    vendorCost: Usd.fromMicro(row.vendor_cost_micro_usd),
    durationMs: Number(row.duration_ms),
    providerRequestId: row.provider_request_id,
    at: row.created_at,
  }))
}
