import type {
  Classified,
  OutputLink,
  ProviderCall,
  ReferenceFile,
  Usage,
} from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'Luma'

function toShared({ model, input, callbackUrl }: ProviderCall): Record<string, unknown> {
  return {
    model,
    prompt: input.prompt,
    aspect_ratio: input.aspect_ratio,
    ...(callbackUrl !== null && { callback_url: callbackUrl }),
  }
}

/** Luma takes no bytes: it fetches each picture by its address. */
export function toImage(call: ProviderCall): Record<string, unknown> {
  const { input, references } = call
  const urls = (parameter: string) => filesOf(references, parameter).map(urlOf)
  const weight = input.image_weight === undefined ? {} : { weight: input.image_weight }
  const [images, people] = [urls('images'), urls('character_images')]
  const [[style], [source]] = [urls('style_image'), urls('source_image')]
  return {
    ...toShared(call),
    format: input.output_format === 'jpeg' ? 'jpg' : input.output_format,
    ...(images.length > 0 && { image_ref: images.map((url) => ({ url, ...weight })) }),
    ...(style && { style_ref: [{ url: style }] }),
    ...(people.length > 0 && { character_ref: { identity0: { images: people } } }),
    ...(source && { modify_image_ref: { url: source } }),
  }
}

export function toVideo(call: ProviderCall): Record<string, unknown> {
  const { input, references } = call
  const [first] = filesOf(references, 'image')
  const [last] = filesOf(references, 'end_image')
  const keyframes = {
    ...(first && { frame0: { type: 'image', url: urlOf(first) } }),
    ...(last && { frame1: { type: 'image', url: urlOf(last) } }),
  }
  return {
    ...toShared(call),
    duration: `${Number(input.seconds)}s`,
    resolution: input.resolution,
    loop: input.loop,
    ...((first || last) && { keyframes }),
  }
}

function urlOf(file: ReferenceFile): string {
  return file.url()
}

export function toOutputs(body: unknown, { input }: ProviderCall): OutputLink[] {
  const film = textAt(body, 'assets', 'video')
  if (film) return [{ url: film, durationMs: Number(input.seconds) * 1000 }]
  const image = textAt(body, 'assets', 'image')
  return image ? [{ url: image }] : []
}

/** Luma reports no measures. */
export function toReport(body: unknown, outputs: number) {
  return { id: textAt(body, 'id'), outputs }
}

export function usage(raw: unknown): Usage {
  return { outputs: measureAt(raw, 'outputs') ?? 0, providerRequestId: textAt(raw, 'id') }
}

const MODERATED = /moderat|content polic|safety|nsfw/i

/** A status of 400 is a wrong field, a blocked prompt or an empty account: its sentence tells which. */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body } = raw
  if (textAt(body, 'state') === 'failed') {
    const isBlocked = MODERATED.test(textAt(body, 'failure_reason') ?? '')
    return said(raw, VENDOR, isBlocked ? 'blocked_output' : 'provider_failed', 'failed')
  }
  if (step === 'submit' && status === 400) return said(raw, VENDOR, classOf(wordsOf(body)))
  // It took something, and did not say what.
  if (step === 'submit' && status < 300) return said(raw, VENDOR, 'outcome_unknown')
  return classifyPlainly(raw, VENDOR)
}

function classOf(words: string): ErrorClass {
  if (MODERATED.test(words)) return 'blocked_input'
  return /\bcredits?\b/i.test(words) ? 'provider_balance' : 'invalid_input'
}

/** A sentence, or a list of them. */
function wordsOf(body: unknown): string {
  const detail = at(body, 'detail')
  if (Array.isArray(detail)) return detail.map((one) => textAt(one, 'msg') ?? '').join(' ')
  return typeof detail === 'string' ? detail : ''
}
