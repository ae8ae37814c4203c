import type {
  CallbackReading,
  Classified,
  OutputLink,
  ProviderCall,
  Usage,
  VendorCallback,
} from '#core/plugins/model_provider'
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

const VENDOR = 'MiniMax'

export async function toTask(call: ProviderCall): Promise<Record<string, unknown>> {
  const { input, references, callbackUrl } = call
  const [first] = filesOf(references, 'image')
  const [last] = filesOf(references, 'end_image')
  return {
    model: 'MiniMax-Hailuo-02',
    prompt: input.prompt,
    prompt_optimizer: input.prompt_optimizer,
    duration: input.seconds,
    resolution: String(input.resolution).toUpperCase(),
    ...(first && { first_frame_image: await dataUriOf(first) }),
    ...(last && { last_frame_image: await dataUriOf(last) }),
    ...(callbackUrl !== null && { callback_url: callbackUrl }),
  }
}

/** Of the third answer, where the link is. */
export function toOutputs(body: unknown, { input }: ProviderCall): OutputLink[] {
  const url = textAt(body, 'file', 'download_url')
  return url ? [{ url, durationMs: Number(input.seconds) * 1000 }] : []
}

/** An id may come as a text or as a number. */
export function idAt(body: unknown, name: string): string | undefined {
  const id = at(body, name)
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' && id !== '' ? id : undefined
}

export function usage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    providerRequestId: textAt(raw, 'task_id'),
  }
}

/** The first call to a callback asks for its own words. Whoever sends the others is not told. */
export function readCallback({ body }: VendorCallback): CallbackReading {
  try {
    const challenge = at(JSON.parse(Buffer.from(body).toString()), 'challenge')
    return challenge === undefined ? { is: 'news' } : { is: 'challenge', answer: { challenge } }
  } catch {
    return { is: 'forged' }
  }
}

/** What MiniMax says in answers of status 200. */
const CODES: Record<number, ErrorClass> = {
  1000: 'transient_before_accept',
  1001: 'transient_before_accept',
  1002: 'rate_limited',
  1004: 'provider_auth',
  1008: 'provider_balance',
  1024: 'transient_before_accept',
  1026: 'blocked_input',
  1027: 'blocked_output',
  1033: 'transient_before_accept',
  1039: 'rate_limited',
  1041: 'concurrency_full',
  2013: 'invalid_input',
}

/** What ends a task that is under way. All else passes. */
const ENDINGS: ErrorClass[] = ['blocked_input', 'blocked_output']

/** The code of an answer: 0 where all is well, or where there is none. */
export function codeOf(body: unknown): number {
  return measureAt(body, 'base_resp', 'status_code') ?? 0
}

export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const { step, status, body } = raw
  const code = codeOf(body)
  const known = CODES[code]
  const isOver = textAt(body, 'status') === 'Fail'
  if (known && step !== 'poll') return said(raw, VENDOR, known, String(code))
  if (known && ENDINGS.includes(known)) return said(raw, VENDOR, known, String(code))
  if (isOver) return said(raw, VENDOR, 'provider_failed', code ? String(code) : 'Fail')
  if (known) {
    const passes = known !== 'invalid_input'
    const errorClass = passes ? 'transient_on_poll' : 'provider_failed'
    return said(raw, VENDOR, errorClass, String(code))
  }
  // A code that nobody has explained, or no task where one was promised.
  if (step === 'submit' && status < 300) {
    return said(raw, VENDOR, code ? 'provider_failed' : 'outcome_unknown', String(code))
  }
  if (step === 'poll' && status < 300) return said(raw, VENDOR, 'provider_failed', String(code))
  return classifyPlainly(raw, VENDOR)
}
