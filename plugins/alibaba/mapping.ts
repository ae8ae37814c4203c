import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'Alibaba'

/** Alibaba writes sizes with an asterisk. */
function toSize(size: unknown): string {
  return String(size).replace('x', '*')
}

function toShared({ input }: ProviderCall): Record<string, unknown> {
  return {
    size: toSize(input.size),
    prompt_extend: input.prompt_extend,
    watermark: input.watermark,
    ...(input.seed !== undefined && { seed: input.seed }),
  }
}

/** A picture is a message, and says what it must not show among its parameters. */
export function toPicture(call: ProviderCall): Record<string, unknown> {
  const { model, input } = call
  const without = input.negative_prompt
  return {
    model,
    input: { messages: [{ role: 'user', content: [{ text: input.prompt }] }] },
    parameters: { ...toShared(call), ...(without !== undefined && { negative_prompt: without }) },
  }
}

/** A film says it beside its prompt. */
export function toFilm(call: ProviderCall): Record<string, unknown> {
  const { model, input } = call
  const { prompt, negative_prompt: without, seconds, audio } = input
  return {
    model,
    input: { prompt, ...(without !== undefined && { negative_prompt: without }) },
    parameters: {
      ...toShared(call),
      duration: seconds,
      ...(audio !== undefined && { audio }),
    },
  }
}

export function toPictures(body: unknown): OutputLink[] {
  const choices = at(body, 'output', 'choices')
  return (Array.isArray(choices) ? choices : []).flatMap((choice: unknown) => {
    const content = at(choice, 'message', 'content')
    return (Array.isArray(content) ? content : []).flatMap((part: unknown) => {
      const url = textAt(part, 'image')
      return url ? [{ url }] : []
    })
  })
}

export function toFilms(body: unknown, { input }: ProviderCall): OutputLink[] {
  const url = textAt(body, 'output', 'video_url')
  return url ? [{ url, durationMs: Number(input.seconds) * 1000 }] : []
}

/** All of an answer but its links and the prompt that Alibaba has written out. */
export function toReport(body: unknown, outputs: number) {
  return { outputs, request_id: textAt(body, 'request_id'), usage: at(body, 'usage') }
}

/** Seconds are those that came out, as it reports and bills them. */
export function usage(raw: unknown): Usage {
  const seconds =
    measureAt(raw, 'usage', 'output_video_duration') ?? measureAt(raw, 'usage', 'duration')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(seconds !== undefined && { seconds }),
    providerRequestId: textAt(raw, 'request_id'),
  }
}

/** By the beginning of the code: `InvalidParameter.Size` is an `InvalidParameter`. The longer first. */
const CODES: [string, ErrorClass][] = [
  ['AllocationQuota.FreeTierOnly', 'provider_balance'],
  ['Throttling.AllocationQuota', 'quota_daily'],
  ['Throttling', 'rate_limited'],
  ['Arrearage', 'provider_balance'],
  ['InvalidApiKey', 'provider_auth'],
  ['AccessDenied', 'provider_auth'],
  ['ModelNotFound', 'model_retired'],
  ['InvalidParameter', 'invalid_input'],
]

/**
 * Its code says what the status leaves open, and a task that failed is an answer of 200. What has
 * failed is not billed, so that an internal error may be asked again.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { body, step, status } = raw
  const isTask = step === 'poll' && status === 200
  // The work goes on: a rate or a key says nothing of it.
  if (step === 'poll' && !isTask) return classifyPlainly(raw, VENDOR)
  const source = isTask ? at(body, 'output') : body
  const code = textAt(source, 'code')
  const known = isTask ? ofState(textAt(source, 'task_status')) : undefined
  const errorClass = known ?? ofCode(code, textAt(source, 'message'))
  if (errorClass) return said(raw, VENDOR, errorClass, code)
  if (isTask) return said(raw, VENDOR, 'provider_failed', code)
  // Taken, and the task was not named.
  if (status < 300) return said(raw, VENDOR, 'outcome_unknown', code)
  return { ...classifyPlainly(raw, VENDOR), ...(code && { providerCode: code }) }
}

/** Of a task whose id has expired nobody knows any more. */
function ofState(state: string | undefined): ErrorClass | undefined {
  if (state === 'CANCELED') return 'canceled'
  return state === 'UNKNOWN' ? 'outcome_unknown' : undefined
}

function ofCode(code = '', message = ''): ErrorClass | undefined {
  if (code.startsWith('DataInspectionFailed')) {
    return /^output/i.test(message) ? 'blocked_output' : 'blocked_input'
  }
  return CODES.find(([start]) => code.startsWith(start))?.[1]
}
