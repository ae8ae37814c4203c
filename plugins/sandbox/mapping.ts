import { outputSize } from '#core/plugins/geometry'
import type {
  Classified,
  ProviderAnswer,
  ProviderCall,
  ProviderOutput,
  Usage,
} from '#core/plugins/model_provider'
import type { ErrorClass } from '#core/queue/types'
import { hash } from './drawing/random.js'
import { models } from './models.js'
import {
  SandboxRefusal,
  type RefusalCode,
  type WireFinished,
  type WireOrder,
  type WireTask,
} from './wire.js'

const LONGEST_WAIT_MS = 500

/** The job names a seed where the input has none, so that jobs differ and a retry repeats itself. */
export function toOrder({ model, input, jobId, attempt }: ProviderCall): WireOrder {
  const film = model === 'video'
  const format = (input.format ?? 'png') as WireOrder['format']
  const { geometry } = models.find(({ id }) => id === model)!
  return {
    reference: jobId,
    try: attempt,
    kind: film ? 'film' : 'image',
    text: String(input.prompt),
    ...outputSize(geometry!, input, {}),
    seed: (input.seed as number | undefined) ?? hash(jobId),
    count: Number(input.n ?? 1),
    seconds: Number(input.duration ?? 0),
    format,
    mime: film ? 'video/mp4' : `image/${format}`,
  }
}

export function toPending(task: WireTask, now: Date): ProviderAnswer {
  const handle: Record<string, unknown> = { ...task }
  delete handle.progress
  const rest = task.ready_at - now.getTime()
  return { status: 'pending', handle, pollAfterMs: Math.min(LONGEST_WAIT_MS, Math.max(50, rest)) }
}

/** The raw answer goes into logs and rows, so it leaves the bytes behind. */
export function toDone(finished: WireFinished, { seconds }: WireOrder): ProviderAnswer {
  const outputs = finished.items.map(({ data, mime }): ProviderOutput => ({
    bytes: data,
    contentType: mime,
    ...(seconds > 0 && { durationMs: seconds * 1000 }),
  }))
  const items = finished.items.map(({ mime, width, height, seed }) => ({
    mime,
    width,
    height,
    seed,
  }))
  return { status: 'done', outputs, raw: { ...finished, items } }
}

export function usage(raw: unknown): Usage {
  const { task, metered } = raw as WireFinished
  const { items, pixels, seconds } = metered
  return {
    outputs: items,
    pixelsOut: pixels,
    ...(seconds > 0 && { seconds }),
    providerRequestId: task,
  }
}

const CLASSES: Record<RefusalCode, { class: ErrorClass; message: string }> = {
  overloaded: {
    class: 'transient_before_accept',
    message: 'The sandbox is overloaded, on request.',
  },
  too_many_requests: { class: 'rate_limited', message: 'The sandbox asks to wait, on request.' },
  content_refused: {
    class: 'blocked_input',
    message: 'The sandbox refused the prompt, on request.',
  },
  output_withheld: {
    class: 'blocked_output',
    message: 'The sandbox withheld its result, on request.',
  },
  task_failed: { class: 'provider_failed', message: 'The sandbox failed, on request.' },
  result_gone: {
    class: 'asset_lost',
    message: 'The sandbox kept its result no longer, on request.',
  },
  connection_lost: {
    class: 'outcome_unknown',
    message: 'The sandbox went away before it answered, on request.',
  },
  task_canceled: { class: 'canceled', message: 'The task was canceled.' },
  nothing_made: { class: 'no_output', message: 'The sandbox delivered nothing, on request.' },
}

export function classify(raw: unknown): Classified {
  if (raw instanceof SandboxRefusal) {
    const { code, retry_after_ms: retryAfterMs } = raw.body.error
    return { ...CLASSES[code], providerCode: code, ...(retryAfterMs && { retryAfterMs }) }
  }
  if (raw instanceof Error && raw.name === 'AbortError') {
    return { class: 'canceled', message: 'The work was stopped.' }
  }
  return { class: 'internal', message: 'The sandbox broke.' }
}
