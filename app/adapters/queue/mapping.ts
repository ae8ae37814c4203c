import type { AttemptUsage } from '#core/queue/job_queue'
import type { JobError } from '#core/queue/types'

/** An error as the functions and the events carry it. */
export function errorParameter({ class: errorClass, message, providerCode }: JobError) {
  return {
    class: errorClass,
    message: keepable(message),
    provider_code: providerCode && keepable(providerCode),
  }
}

/** JSON of the database has neither NUL nor half of a character, which a vendor's text can have. */
function keepable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

export function usageParameter(usage: AttemptUsage) {
  return {
    provider: usage.provider,
    model: usage.model,
    kind: usage.kind,
    status: usage.status,
    error_class: usage.errorClass ?? null,
    units: usage.report ? { ...usage.units, reported: reported(usage.report) } : usage.units,
    vendor_cost: usage.vendorCostMicroUsd,
    duration_ms: Math.round(usage.durationMs),
    provider_request_id: usage.providerRequestId ?? null,
  }
}

function reported({ amount, unit, rateVersion, doubt }: NonNullable<AttemptUsage['report']>) {
  return { amount, unit, rate_version: rateVersion, ...(doubt && { doubt }) }
}
