import type { Classified } from '#core/plugins/model_provider'
import { at, classifyPlainly, said, textAt, VendorRefusal } from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'
import { imageUsage } from './image_mapping.js'

const VENDOR = 'Google'

/** What Google's status says of a call that took nothing. */
const STATUSES: Record<string, ErrorClass> = {
  INVALID_ARGUMENT: 'invalid_input',
  OUT_OF_RANGE: 'invalid_input',
  // The project has no billing, or none where it is: to be confirmed.
  FAILED_PRECONDITION: 'provider_balance',
  UNAUTHENTICATED: 'provider_auth',
  PERMISSION_DENIED: 'provider_auth',
  NOT_FOUND: 'model_retired',
  RESOURCE_EXHAUSTED: 'rate_limited',
  INTERNAL: 'transient_before_accept',
  UNAVAILABLE: 'transient_before_accept',
  // Its own, so that it is known to have ended; a gateway's 504 has no status like this.
  DEADLINE_EXCEEDED: 'transient_before_accept',
}

/** What an `ErrorInfo` says more exactly than the status. */
const REASONS: Record<string, ErrorClass> = {
  API_KEY_INVALID: 'provider_auth',
  BILLING_DISABLED: 'provider_balance',
}

/** An answer of 200 without a picture because of what was drawn. Whatever else is no output. */
const WITHHELD = [
  ...['SAFETY', 'IMAGE_SAFETY', 'PROHIBITED_CONTENT', 'IMAGE_PROHIBITED_CONTENT'],
  ...['RECITATION', 'IMAGE_RECITATION', 'SPII', 'BLOCKLIST', 'LANGUAGE'],
]

/** Of `google.rpc.Code`, which an operation ends with. */
const INVALID_ARGUMENT = 3
const RESOURCE_EXHAUSTED = 8

/**
 * Google says no in three ways: with an error, with an answer of 200 that has no picture in it,
 * and with an operation that is done and has no film.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  if (raw.status >= 400) return ofError(raw)
  return raw.step === 'poll' ? ofOperation(raw) : ofAnswer(raw)
}

function ofError(raw: VendorRefusal): Classified {
  const { body, step } = raw
  const status = textAt(body, 'error', 'status')
  const details = detailsOf(body)
  const reason = details.map((detail) => textAt(detail, 'reason')).find(Boolean)
  const code = reason ?? status
  const wait = retryDelayMs(details)
  const told = { ...(code && { providerCode: code }), ...(wait && { retryAfterMs: wait }) }
  const known = step === 'poll' ? undefined : (REASONS[reason ?? ''] ?? STATUSES[status ?? ''])
  if (!known) return { ...classifyPlainly(raw, VENDOR), ...told }
  const isOfTheDay = known === 'rate_limited' && details.some(isDaily)
  return { ...said(raw, VENDOR, isOfTheDay ? 'quota_daily' : known, code), ...told }
}

/** Its tokens are billed, whatever it lacks. */
function ofAnswer(raw: VendorRefusal): Classified {
  const { body } = raw
  const block = textAt(body, 'promptFeedback', 'blockReason')
  const finish = textAt(body, 'candidates', 0, 'finishReason')
  const usage = imageUsage({
    outputs: 0,
    request_id: textAt(body, 'responseId'),
    usage: at(body, 'usageMetadata'),
  })
  const found: ErrorClass = block
    ? 'blocked_input'
    : WITHHELD.includes(finish ?? '')
      ? 'blocked_output'
      : 'no_output'
  return { ...said(raw, VENDOR, found, block ?? finish ?? 'no_candidates'), usage }
}

function ofOperation(raw: VendorRefusal): Classified {
  const { body } = raw
  const code = at(body, 'error', 'code')
  if (code !== undefined) {
    const known = code === INVALID_ARGUMENT ? 'invalid_input' : 'provider_failed'
    return said(
      raw,
      VENDOR,
      code === RESOURCE_EXHAUSTED ? 'rate_limited' : known,
      `rpc_${String(code)}`
    )
  }
  const response = at(body, 'response', 'generateVideoResponse')
  const isFiltered =
    Number(at(response, 'raiMediaFilteredCount') ?? 0) > 0 ||
    at(response, 'raiMediaFilteredReasons') !== undefined
  return isFiltered
    ? said(raw, VENDOR, 'blocked_output', 'rai_filtered')
    : said(raw, VENDOR, 'no_output', 'no_samples')
}

function detailsOf(body: unknown): unknown[] {
  const details = at(body, 'error', 'details')
  return Array.isArray(details) ? (details as unknown[]) : []
}

/** `GenerateRequestsPerDayPerProjectPerModel`, say. */
function isDaily(detail: unknown): boolean {
  const violations = at(detail, 'violations')
  return (
    Array.isArray(violations) &&
    violations.some((one: unknown) => textAt(one, 'quotaId')?.includes('PerDay'))
  )
}

/** Google has no header for it: `RetryInfo` says `"55s"`. */
function retryDelayMs(details: unknown[]): number | undefined {
  const delay = details.map((detail) => textAt(detail, 'retryDelay')).find(Boolean)
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? '') ?? []
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000)
}
