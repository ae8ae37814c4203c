import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import { dataUriOf, filesOf } from '#core/plugins/references'
import {
  at,
  classifyPlainly,
  measureAt,
  retryAfterMs,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'Runway'

/** Our ids are Runway's with dashes. */
function wireModel({ model }: ProviderCall): string {
  return model.replaceAll('-', '_')
}

/** Runway writes sizes with a colon. */
function toRatio({ input }: ProviderCall): string {
  return String(input.size).replace('x', ':')
}

function toShared(call: ProviderCall): Record<string, unknown> {
  const { prompt, seed, public_figures: figures } = call.input
  return {
    model: wireModel(call),
    ratio: toRatio(call),
    ...(prompt !== undefined && { promptText: prompt }),
    ...(seed !== undefined && { seed }),
    contentModeration: { publicFigureThreshold: figures },
  }
}

export async function toImage(call: ProviderCall): Promise<Record<string, unknown>> {
  const pictures = await Promise.all(filesOf(call.references, 'images').map(dataUriOf))
  const referenceImages = pictures.map((uri, n) => ({ uri, tag: `image_${n + 1}` }))
  return { ...toShared(call), ...(referenceImages.length > 0 && { referenceImages }) }
}

export async function toVideo(call: ProviderCall): Promise<Record<string, unknown>> {
  const [first] = filesOf(call.references, 'image')
  return {
    ...toShared(call),
    promptImage: [{ uri: await dataUriOf(first), position: 'first' }],
    duration: call.input.seconds,
  }
}

export function toOutputs(task: unknown, { input }: ProviderCall): OutputLink[] {
  const links = at(task, 'output')
  const durationMs = input.seconds === undefined ? undefined : Number(input.seconds) * 1000
  return (Array.isArray(links) ? links : [])
    .filter((url: unknown) => typeof url === 'string')
    .map((url) => ({ url, ...(durationMs && { durationMs }) }))
}

/** All of a task but its links. */
export function toReport(task: unknown, outputs: number) {
  return { id: textAt(task, 'id'), outputs, cost: at(task, 'cost') }
}

export function usage(raw: unknown): Usage {
  const credits = measureAt(raw, 'cost', 'credits')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(credits !== undefined && { reportedCost: { amount: credits, unit: 'credits' } }),
    providerRequestId: textAt(raw, 'id'),
  }
}

/**
 * A task says why it failed by the beginning of its code, and what it has cost nonetheless. Once it
 * was stopped it may be gone altogether.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body, headers } = raw
  if (step === 'poll' && status === 200) return ofTask(raw)
  if (step === 'poll' && status === 404) return said(raw, VENDOR, 'canceled')
  // It took something, and did not say what.
  if (step === 'submit' && status < 300) return said(raw, VENDOR, 'outcome_unknown')
  // There is no other word for it than the sentence.
  const words = textAt(body, 'error') ?? ''
  if (step === 'submit' && status === 400 && /\bcredits\b/i.test(words)) {
    return said(raw, VENDOR, 'provider_balance')
  }
  // No rate is limited but the tasks of a day, which says no wait.
  if (step === 'submit' && status === 429) {
    const isDaily = retryAfterMs(headers) === undefined || /\bdaily\b/i.test(words)
    return said(raw, VENDOR, isDaily ? 'quota_daily' : 'rate_limited')
  }
  return classifyPlainly(raw, VENDOR)
}

function ofTask(raw: VendorRefusal): Classified {
  const { body } = raw
  const isCanceled = textAt(body, 'status') === 'CANCELLED'
  const code = textAt(body, 'failureCode')
  const errorClass = isCanceled ? 'canceled' : classOf(code ?? '')
  const isMeasured = measureAt(body, 'cost', 'credits') !== undefined
  return {
    ...said(raw, VENDOR, errorClass, code ?? textAt(body, 'status')),
    ...(isMeasured && { usage: usage(toReport(body, 0)) }),
  }
}

function classOf(code: string): ErrorClass {
  if (code.startsWith('SAFETY.OUTPUT')) return 'blocked_output'
  if (/(^|\.)SAFETY(\.|$)/.test(code)) return 'blocked_input'
  if (/^(INPUT_PREPROCESSING|ASSET\.INVALID)/.test(code)) return 'invalid_input'
  return 'provider_failed'
}
