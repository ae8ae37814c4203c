import type { OperatorModel } from '#core/plugins/operator_models'
import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import {
  at,
  classifyPlainly,
  measureAt,
  retryAfterMs,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'

const VENDOR = 'Replicate'

/** What is asked: the newest of a model, or the version that its operator has written. */
export function targetOf({ calls }: OperatorModel): { path: string; version?: string } {
  const [name, version] = calls.split(':')
  return version ? { path: '/predictions', version } : { path: `/models/${name}/predictions` }
}

/** Links wherever they are in the output, which may be of any shape; no more than were asked for. */
export function toOutputs(
  body: unknown,
  { input }: ProviderCall,
  { manifest }: OperatorModel
): OutputLink[] {
  const { outputsParameter, secondsParameter, capabilities } = manifest
  const most = outputsParameter ? Number(input[outputsParameter]) : capabilities.maxOutputs
  const durationMs = secondsParameter ? Number(input[secondsParameter]) * 1000 : undefined
  return linksIn(at(body, 'output'))
    .slice(0, most)
    .map((url) => ({ url, ...(durationMs !== undefined && { durationMs }) }))
}

function linksIn(output: unknown): string[] {
  if (typeof output === 'string') return output.startsWith('https://') ? [output] : []
  if (output === null || typeof output !== 'object') return []
  return Object.values(output).flatMap(linksIn)
}

/** All of a prediction but its input, its output and its words. */
export function toReport(body: unknown, outputs: number) {
  return {
    id: textAt(body, 'id'),
    outputs,
    predict_time: at(body, 'metrics', 'predict_time'),
  }
}

/** The seconds of the hardware are a cost where the operator's price is by them, and else nothing. */
export function usage(raw: unknown): Usage {
  const seconds = measureAt(raw, 'predict_time')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(seconds !== undefined && { reportedCost: { amount: seconds, unit: 'predict_time' } }),
    providerRequestId: textAt(raw, 'id'),
  }
}

const UNSAFE = /nsfw|safety|sensitive|content polic/i
/** "Your rate limit resets in ~30s." */
const RESETS = /resets in ~?(\d+)\s*s/

export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body } = raw
  if (step === 'poll' && status < 300) return ofPrediction(raw)
  if (step === 'submit' && status === 429) return ofRate(raw)
  // It took something and did not say what, or broke when it may have taken it: only 429 and 503 say
  // that nothing was begun.
  if (step === 'submit' && (status < 300 || (status >= 500 && status !== 503))) {
    return said(raw, VENDOR, 'outcome_unknown')
  }
  if (step === 'submit' && UNSAFE.test(wordsOf(body)) && status < 500) {
    return said(raw, VENDOR, 'blocked_input')
  }
  return classifyPlainly(raw, VENDOR)
}

function ofRate(raw: VendorRefusal): Classified {
  const [, seconds] = RESETS.exec(wordsOf(raw.body)) ?? []
  const wait = retryAfterMs(raw.headers) ?? (seconds ? Number(seconds) * 1000 : undefined)
  const limited = said(raw, VENDOR, 'rate_limited')
  return { ...limited, ...(wait !== undefined && { retryAfterMs: wait }) }
}

/** A prediction that is over, and came to nothing. What it took of the hardware it says nonetheless. */
function ofPrediction(raw: VendorRefusal): Classified {
  const { body } = raw
  const status = textAt(body, 'status')
  const report = toReport(body, 0)
  const isMeasured = measureAt(report, 'predict_time') !== undefined
  const told = { ...(isMeasured && { usage: usage(report) }) }
  if (status === 'canceled' || status === 'aborted') {
    return { ...said(raw, VENDOR, 'canceled', status), ...told }
  }
  if (at(body, 'data_removed') === true) return said(raw, VENDOR, 'asset_lost', 'data_removed')
  const isUnsafe = UNSAFE.test(textAt(body, 'error') ?? '')
  return { ...said(raw, VENDOR, isUnsafe ? 'blocked_output' : 'provider_failed', status), ...told }
}

function wordsOf(body: unknown): string {
  return textAt(body, 'detail') ?? textAt(body, 'error') ?? ''
}
