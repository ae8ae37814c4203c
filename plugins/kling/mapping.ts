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

const VENDOR = 'Kling'

/** Whether Kling has a task could not be heard: the doubt remains. */
export class LookupFailed extends Error {
  readonly code = 'E_KLING_LOOKUP'

  constructor(cause: unknown) {
    super('It could not be heard whether Kling has the task.', { cause })
  }
}

/** Each attempt is a task of its own, and Kling refuses an id that it has seen. */
export function taskName({ jobId }: ProviderCall, attempt: number): string {
  return `${jobId}_${attempt}`
}

/** Where a task is started and asked about. */
export function pathOf({ references }: ProviderCall): string {
  return filesOf(references, 'image').length > 0
    ? '/v1/videos/image2video'
    : '/v1/videos/text2video'
}

export async function toTask(call: ProviderCall): Promise<Record<string, unknown>> {
  const { model, input, references, callbackUrl } = call
  const { prompt, negative_prompt: negative, aspect_ratio: ratio, audio, seconds } = input
  const [image] = filesOf(references, 'image')
  const [tail] = filesOf(references, 'end_image')
  return {
    model_name: `kling-${model}`,
    prompt,
    ...(negative !== undefined && { negative_prompt: negative }),
    mode: 'pro',
    duration: String(seconds),
    ...(ratio !== undefined && { aspect_ratio: ratio }),
    ...(audio !== undefined && { sound: audio ? 'on' : 'off' }),
    ...(image && { image: await toBase64(image) }),
    ...(tail && { image_tail: await toBase64(tail) }),
    ...(callbackUrl !== null && { callback_url: callbackUrl }),
    external_task_id: taskName(call, call.attempt),
  }
}

/** Without the "data:" that others want. */
async function toBase64({ bytes }: ReferenceFile): Promise<string> {
  return Buffer.from(await bytes()).toString('base64')
}

export function toOutputs(body: unknown, { input }: ProviderCall): OutputLink[] {
  const videos = at(body, 'data', 'task_result', 'videos')
  const durationMs = Number(input.seconds) * 1000
  return (Array.isArray(videos) ? videos : []).flatMap((video: unknown) => {
    const url = textAt(video, 'url')
    return url ? [{ url, durationMs }] : []
  })
}

/** Kling reports no measures. */
export function toReport(body: unknown, outputs: number) {
  return { task_id: textAt(body, 'data', 'task_id'), outputs }
}

export function usage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    providerRequestId: textAt(raw, 'task_id'),
  }
}

/** Codes in the body say more than the status: 1101 to 1103 are not documented. */
const CODES: [from: number, to: number, ErrorClass][] = [
  [1000, 1004, 'provider_auth'],
  [1101, 1102, 'provider_balance'],
  [1103, 1103, 'provider_auth'],
  [1200, 1203, 'invalid_input'],
  [1301, 1301, 'blocked_input'],
  [1302, 1302, 'rate_limited'],
  [1303, 1303, 'concurrency_full'],
  [5000, 5002, 'transient_before_accept'],
]

/** What can pass, and does not end a task that is under way. */
const PASSING: ErrorClass[] = [
  ...(['provider_auth', 'provider_balance', 'rate_limited'] as const),
  ...(['concurrency_full', 'transient_before_accept'] as const),
]

/** Whether Kling refused because it has no such task. */
export function isUnheardOf(error: unknown): boolean {
  if (!(error instanceof VendorRefusal)) return false
  return error.status === 404 || classOf(codeOf(error)) === 'invalid_input'
}

export function classify(raw: unknown): Classified {
  if (raw instanceof LookupFailed) {
    return { class: 'outcome_unknown', message: 'Kling could not be asked. Nothing was charged.' }
  }
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body } = raw
  if (textAt(body, 'data', 'task_status') === 'failed') return ofTask(raw)
  const code = codeOf(raw)
  const known = classOf(code)
  if (known) return said(raw, VENDOR, step === 'poll' ? whileWorking(known) : known, String(code))
  // It took something, and did not say what.
  if (step === 'submit' && status < 300) return said(raw, VENDOR, 'outcome_unknown')
  return classifyPlainly(raw, VENDOR)
}

function whileWorking(known: ErrorClass): ErrorClass {
  if (PASSING.includes(known)) return 'transient_on_poll'
  return known === 'blocked_input' ? 'blocked_output' : 'provider_failed'
}

/** A failed task says why in a sentence alone. */
function ofTask(raw: VendorRefusal): Classified {
  const why = textAt(raw.body, 'data', 'task_status_msg') ?? ''
  const isBlocked = /risk control|sensitive/i.test(why)
  return said(raw, VENDOR, isBlocked ? 'blocked_output' : 'provider_failed', 'failed')
}

export function codeOf({ body }: Pick<VendorRefusal, 'body'>): number | undefined {
  return measureAt(body, 'code')
}

function classOf(code: number | undefined): ErrorClass | undefined {
  return CODES.find(([from, to]) => code !== undefined && code >= from && code <= to)?.[2]
}
