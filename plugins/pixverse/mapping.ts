import type {
  Classified,
  OutputLink,
  ProviderCall,
  ReferenceFile,
  Usage,
} from '#core/plugins/model_provider'
import type { FormValue } from '#core/plugins/vendor_http'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'PixVerse'

const SUCCEEDED = 1
const ENDS: Record<number, ErrorClass> = {
  /** It was there, and is deleted. */
  6: 'asset_lost',
  7: 'blocked_output',
  8: 'provider_failed',
}

/** `imageId` is that of the uploaded first picture: a film has its shape, so none is said. */
export function toFilm({ model, input }: ProviderCall, imageId?: number) {
  const { prompt, quality, seconds, seed, negative_prompt: without } = input
  return {
    model: model.replace('pixverse-', ''),
    prompt,
    quality,
    duration: seconds,
    ...(imageId === undefined
      ? { aspect_ratio: input.aspect_ratio ?? '16:9' }
      : { img_id: imageId }),
    ...(without !== undefined && { negative_prompt: without }),
    ...(seed !== undefined && { seed }),
  }
}

export async function toUpload({ contentType, bytes }: ReferenceFile) {
  const filename = `image.${contentType.split('/')[1]}`
  const form: [string, FormValue][] = [['image', { bytes: await bytes(), filename, contentType }]]
  return { form }
}

/** A body whose code is not 0 is a refusal, whatever the status says. */
export function isRefused(body: unknown): boolean {
  return at(body, 'ErrCode') !== 0
}

/** Whether a film is done, has ended otherwise, or is still being made. */
export function stateOf(body: unknown): 'done' | 'over' | 'working' {
  const state = at(body, 'Resp', 'status')
  if (state === SUCCEEDED) return 'done'
  return typeof state === 'number' && state in ENDS ? 'over' : 'working'
}

export function toFilms(body: unknown, { input }: ProviderCall): OutputLink[] {
  const url = textAt(body, 'Resp', 'url')
  return url ? [{ url, durationMs: Number(input.seconds) * 1000 }] : []
}

/** `quoted` is what the submit said that it takes, for an answer that no longer says it. */
export function toReport(body: unknown, outputs: number, quoted?: number) {
  return {
    outputs,
    id: measureAt(body, 'Resp', 'id'),
    credits: measureAt(body, 'Resp', 'credits') ?? quoted,
  }
}

export function usage(raw: unknown): Usage {
  const amount = measureAt(raw, 'credits')
  const id = measureAt(raw, 'id')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(amount !== undefined && { reportedCost: { amount, unit: 'credits' } }),
    ...(id !== undefined && { providerRequestId: String(id) }),
  }
}

const CODES: Record<number, ErrorClass> = {
  500043: 'provider_balance',
  500044: 'concurrency_full',
}

/**
 * Everything comes with a status of 200: refusals by their code, ends of films by their state. Codes
 * of 400,000 and more are of what was asked for; whatever was refused at a submit was not begun.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal) || raw.status >= 300) return classifyPlainly(raw, VENDOR)
  const { body, step } = raw
  const code = measureAt(body, 'ErrCode')
  const state = measureAt(body, 'Resp', 'status')
  if (code === 0) {
    const end = state === undefined ? undefined : ENDS[state]
    // Taken, and the film was not named.
    return said(raw, VENDOR, end ?? 'outcome_unknown', end && `state_${state}`)
  }
  const name = code === undefined ? undefined : String(code)
  if (code === undefined) {
    return said(raw, VENDOR, step === 'poll' ? 'transient_on_poll' : 'outcome_unknown')
  }
  const isInput = code >= 400_000 && code < 500_000
  if (step === 'poll') {
    return said(raw, VENDOR, isInput ? 'provider_failed' : 'transient_on_poll', name)
  }
  return said(raw, VENDOR, CODES[code] ?? (isInput ? 'invalid_input' : 'provider_failed'), name)
}
