import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import { dataUriOf, filesOf } from '#core/plugins/references'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'BytePlus'

/** BytePlus calls a model by the day of its release. */
const WIRE_IDS: Record<string, string> = {
  'seedream-4-0': 'seedream-4-0-250828',
  'seedream-4-5': 'seedream-4-5-251128',
  'seedance-1-0-pro': 'seedance-1-0-pro-250528',
}

/** More than one picture is a row that the model may end early. There is no plain count. */
export async function toPictures(call: ProviderCall): Promise<Record<string, unknown>> {
  const { model, input, references } = call
  const image = await Promise.all(filesOf(references, 'images').map(dataUriOf))
  const count = Number(input.n)
  return {
    model: WIRE_IDS[model],
    prompt: input.prompt,
    size: input.size,
    response_format: 'url',
    watermark: input.watermark,
    sequential_image_generation: count > 1 ? 'auto' : 'disabled',
    ...(count > 1 && { sequential_image_generation_options: { max_images: count } }),
    ...(image.length > 0 && { image }),
    ...(input.optimize_prompt !== undefined && {
      optimize_prompt_options: { mode: input.optimize_prompt },
    }),
  }
}

export async function toFilm(call: ProviderCall): Promise<Record<string, unknown>> {
  const { model, input, references } = call
  const frames = await Promise.all(
    (['start_frame', 'end_frame'] as const).flatMap((name) =>
      filesOf(references, name).map(async (file) => ({
        type: 'image_url',
        image_url: { url: await dataUriOf(file) },
        role: name === 'start_frame' ? 'first_frame' : 'last_frame',
      }))
    )
  )
  return {
    model: WIRE_IDS[model],
    content: [{ type: 'text', text: input.prompt }, ...frames],
    ratio: input.aspect_ratio,
    resolution: input.resolution,
    duration: input.seconds,
    watermark: input.watermark,
    camera_fixed: input.camera_fixed,
    ...(input.seed !== undefined && { seed: input.seed }),
  }
}

/** A picture that was not made says why in its place. */
export function toLinks(body: unknown): OutputLink[] {
  return itemsOf(body).flatMap((item) => {
    const url = textAt(item, 'url')
    return url ? [{ url }] : []
  })
}

export function hasErrors(body: unknown): boolean {
  return itemsOf(body).some((item) => at(item, 'error') !== undefined)
}

export function toFilms(body: unknown, { input }: ProviderCall): OutputLink[] {
  const url = textAt(body, 'content', 'video_url')
  return url ? [{ url, durationMs: Number(input.seconds) * 1000 }] : []
}

/** All of an answer but its links. */
export function toReport(body: unknown, outputs: number) {
  const errors = itemsOf(body).map((item) => textAt(item, 'error', 'code'))
  return {
    outputs,
    id: textAt(body, 'id'),
    errors: errors.filter((code) => code !== undefined),
    usage: at(body, 'usage'),
  }
}

/** Films are paid by their tokens. */
export function usage(raw: unknown): Usage {
  const videoOut = measureAt(raw, 'usage', 'completion_tokens')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(videoOut !== undefined && { tokens: { videoOut } }),
    providerRequestId: textAt(raw, 'id'),
  }
}

/** By the beginning of the code. What is left out says the same by its status. */
const CODES: [string, ErrorClass][] = [
  ['AccountOverdue', 'provider_balance'],
  ['RateLimitExceeded', 'rate_limited'],
  ['QuotaExceeded', 'quota_daily'],
  ['ModelNotOpen', 'provider_auth'],
]

/**
 * The reason stands at the top of an answer, in a task, or in the place of a picture: the last two
 * come with a status of 200. What was refused or has failed is not billed.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { body, step, status } = raw
  const isAnswer = status < 300
  // The work goes on: a rate or a key says nothing of it.
  if (step === 'poll' && !isAnswer) return classifyPlainly(raw, VENDOR)
  const failed = itemsOf(body).find((item) => at(item, 'error') !== undefined) ?? body
  const code = textAt(failed, 'error', 'code')
  const known = ofCode(code) ?? (isAnswer ? ofState(raw) : undefined)
  if (known) return said(raw, VENDOR, known, code)
  return { ...classifyPlainly(raw, VENDOR), ...(code && { providerCode: code }) }
}

function ofCode(code = ''): ErrorClass | undefined {
  if (code.includes('SensitiveContentDetected')) {
    return code.startsWith('Output') ? 'blocked_output' : 'blocked_input'
  }
  return CODES.find(([start]) => code.startsWith(start))?.[1]
}

/** An answer that says neither what it made nor why not may have been billed. */
function ofState({ body, step }: VendorRefusal): ErrorClass {
  if (textAt(body, 'status') === 'cancelled') return 'canceled'
  return step === 'poll' || hasErrors(body) ? 'provider_failed' : 'outcome_unknown'
}

function itemsOf(body: unknown): unknown[] {
  const data = at(body, 'data')
  return Array.isArray(data) ? data : []
}
