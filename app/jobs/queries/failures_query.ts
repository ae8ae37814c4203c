import db from '@adonisjs/lucid/services/db'

/** A try that did not work out, and where its whole story is. */
export interface Failure {
  accountId: string
  jobId: string
  attempt: number
  provider: string
  model: string
  errorClass: string | null
  durationMs: number
  providerRequestId: string | null
  traceId: string | null
  at: Date
}

interface Question {
  from: Date
  until: Date
  accountId?: string
  provider?: string
  limit: number
}

/** What failed in a span of time, oldest first; of one organisation or of all. */
export async function failuresQuery({ from, until, accountId, provider, limit }: Question) {
  const rows = await db
    .from('usage_events')
    .where('status', 'failed')
    .where('created_at', '>=', from)
    .where('created_at', '<', until)
    .if(accountId, (query) => query.where('account_id', accountId!))
    .if(provider, (query) => query.where('provider', provider!))
    .orderBy('created_at')
    .limit(limit)
  return rows.map((row): Failure => ({
    accountId: row.account_id,
    jobId: row.job_id,
    attempt: row.attempt,
    provider: row.provider,
    model: row.model,
    errorClass: row.error_class,
    durationMs: Number(row.duration_ms),
    providerRequestId: row.provider_request_id,
    traceId: row.trace_id,
    at: row.created_at,
  }))
}
