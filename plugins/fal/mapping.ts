import type { OperatorModel } from '#core/plugins/operator_models'
import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'

const VENDOR = 'fal'

/** A request that is over, and whose result is a refusal: what it means is not what a poll means. */
export class ResultRefused extends Error {
  readonly code = 'E_FAL_RESULT'

  constructor(readonly refusal: VendorRefusal) {
    super('The result of a request to fal is an error.')
  }
}

/**
 * Every file in a result, wherever it is, but for what was blackened as unsafe; no more than were
 * asked for.
 */
export function toOutputs(
  result: unknown,
  { input }: ProviderCall,
  { manifest }: OperatorModel
): OutputLink[] {
  const { outputsParameter, secondsParameter, capabilities } = manifest
  const most = outputsParameter ? Number(input[outputsParameter]) : capabilities.maxOutputs
  const durationMs = secondsParameter ? Number(input[secondsParameter]) * 1000 : undefined
  const unsafe = at(result, 'has_nsfw_concepts')
  return linksIn(result)
    .slice(0, most)
    .filter((_, n) => at(unsafe, n) !== true)
    .map((url) => ({ url, ...(durationMs !== undefined && { durationMs }) }))
}

function linksIn(result: unknown): string[] {
  if (result === null || typeof result !== 'object') return []
  const url = textAt(result, 'url')
  return url ? [url] : Object.values(result).flatMap(linksIn)
}

/** Whether all that was made was blackened. */
export function isWithheld(result: unknown): boolean {
  const unsafe = at(result, 'has_nsfw_concepts')
  return Array.isArray(unsafe) && unsafe.length > 0 && unsafe.every((one) => one === true)
}

/** All that is counted of a request: nothing of its input, its links and its words. */
export function toReport(status: unknown, outputs: number) {
  return {
    request_id: textAt(status, 'request_id'),
    outputs,
    inference_time: at(status, 'metrics', 'inference_time'),
  }
}

/** The seconds of the work are a cost where the operator's price is by them, and else nothing. */
export function usage(raw: unknown): Usage {
  const seconds = measureAt(raw, 'inference_time')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(seconds !== undefined && { reportedCost: { amount: seconds, unit: 'inference_time' } }),
    providerRequestId: textAt(raw, 'request_id'),
  }
}

export function classify(raw: unknown): Classified {
  if (raw instanceof ResultRefused) return ofResult(raw.refusal)
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body } = raw
  // A request that was canceled is gone.
  if (step === 'poll' && status === 404) return said(raw, VENDOR, 'canceled')
  if (step !== 'submit') return classifyPlainly(raw, VENDOR)
  // An account without a balance is locked.
  if (status === 403 && /\block|\bbalance/i.test(textAt(body, 'detail') ?? '')) {
    return said(raw, VENDOR, 'provider_balance')
  }
  if (status === 422 && typesOf(body).includes(POLICY)) {
    return said(raw, VENDOR, 'blocked_input', POLICY)
  }
  // It took something, and did not say what.
  if (status < 300) return said(raw, VENDOR, 'outcome_unknown')
  return classifyPlainly(raw, VENDOR)
}

const POLICY = 'content_policy_violation'

/** COMPLETED says that a request is over, not that it came to anything. */
function ofResult(raw: VendorRefusal): Classified {
  const { status, body, headers } = raw
  const code = typesOf(body)[0] ?? headers['x-fal-error-type']
  if (status < 300) return said(raw, VENDOR, 'blocked_output', 'has_nsfw_concepts')
  if (typesOf(body).includes(POLICY)) {
    // Of the input where it says which field, and else of what was made.
    return said(raw, VENDOR, namesField(body) ? 'blocked_input' : 'blocked_output', POLICY)
  }
  if (status === 422 || status === 400) return said(raw, VENDOR, 'invalid_input', code)
  // What fal says of a failed request it says by these headers; a gateway knows none of them.
  const isOfRequest =
    status === 500 || 'x-fal-error-type' in headers || 'x-fal-retryable' in headers
  return isOfRequest ? said(raw, VENDOR, 'provider_failed', code) : classifyPlainly(raw, VENDOR)
}

function typesOf(body: unknown): string[] {
  const detail = at(body, 'detail')
  return (Array.isArray(detail) ? detail : []).flatMap((one: unknown) => textAt(one, 'type') ?? [])
}

function namesField(body: unknown): boolean {
  const place = at(body, 'detail', 0, 'loc')
  return Array.isArray(place) && place[0] === 'body' && place.length > 1
}
