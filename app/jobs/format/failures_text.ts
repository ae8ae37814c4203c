import type { Failure } from '#app/jobs/queries/failures_query'
import { columns, spanText, timeText } from './columns.js'

/** What failed, for a terminal, each with the way to its whole story. */
export function failuresText(failures: Failure[], minutes: number): string {
  if (failures.length === 0) return `Nothing failed within ${minutes} minutes of it.`
  const rows = failures.map((one) => [
    timeText(one.at),
    one.jobId,
    one.accountId,
    one.model,
    one.attempt,
    one.errorClass ?? '–',
    spanText(one.durationMs),
    one.providerRequestId ?? '–',
    one.traceId ?? '–',
  ])
  const head = ['time', 'job', 'organisation', 'model', 'attempt', 'error', 'took', 'vendor’s id']
  return columns([...head, 'trace'], rows)
}
