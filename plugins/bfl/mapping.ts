import { createHmac, timingSafeEqual } from 'node:crypto'
import type {
  CallbackReading,
  Classified,
  ProviderCall,
  ReferenceFile,
  Usage,
  VendorCallback,
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

const VENDOR = 'Black Forest Labs'

/** What is enough to ask for a task, and what its submit said of the bill. */
export interface TaskHandle extends Record<string, unknown> {
  id: string
  polling_url: string
  /** In credits. */
  cost?: number
  input_mp?: number
  output_mp?: number
}

/** Our names are the vendor's, but for pictures, whose names depend on the model. */
const PICTURES: Record<string, string> = {
  'flux-pro-1.1-ultra': 'image_prompt',
  'flux-pro-1.0-fill': 'image',
}

export async function toTask(
  { model, input, references, callbackUrl }: ProviderCall,
  webhookSecret: string | null
): Promise<Record<string, unknown>> {
  const { image_strength: strength, ...given } = input
  const body: Record<string, unknown> = { ...given }
  for (const file of ['image', 'images', 'mask']) delete body[file]
  if (strength !== undefined) body.image_prompt_strength = strength
  const [first] = filesOf(references, 'image')
  if (first) body[PICTURES[model] ?? 'input_image'] = await base64Of(first)
  for (const [n, file] of filesOf(references, 'images').entries()) {
    body[n === 0 ? 'input_image' : `input_image_${n + 1}`] = await base64Of(file)
  }
  const [mask] = filesOf(references, 'mask')
  if (mask) body.mask = await base64Of(mask)
  // Without a secret anybody could call, and nothing would be believed.
  if (callbackUrl && webhookSecret) {
    Object.assign(body, { webhook_url: callbackUrl, webhook_secret: webhookSecret })
  }
  return body
}

/** `null` where the answer names no task. */
export function toHandle(body: unknown): TaskHandle | null {
  const [id, url] = [textAt(body, 'id'), textAt(body, 'polling_url')]
  if (!id || !url) return null
  const handle: TaskHandle = { id, polling_url: url }
  for (const measure of ['cost', 'input_mp', 'output_mp'] as const) {
    const value = measureAt(body, measure)
    if (value !== undefined) handle[measure] = value
  }
  return handle
}

export type TaskState = 'working' | 'ready' | 'over'

/** A state that is not known yet will become one that is. */
export function stateOf(body: unknown): TaskState {
  const state = textAt(body, 'status') ?? ''
  if (state === 'Ready') return 'ready'
  return Object.hasOwn(ENDS, state) ? 'over' : 'working'
}

export function linkOf(body: unknown): string | undefined {
  return textAt(body, 'result', 'sample')
}

export function usage(raw: unknown): Usage {
  const cost = measureAt(raw, 'cost')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(cost !== undefined && { reportedCost: { amount: cost, unit: 'credits' } }),
    providerRequestId: textAt(raw, 'id'),
  }
}

/** How a task ends without a picture. One that is no longer known had its picture, for 10 minutes. */
const ENDS: Record<string, ErrorClass> = {
  'Request Moderated': 'blocked_input',
  'Content Moderated': 'blocked_output',
  'Task not found': 'asset_lost',
  'Error': 'provider_failed',
  'Failed': 'provider_failed',
}

export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  const state = raw.step === 'poll' ? textAt(raw.body, 'status') : undefined
  if (state !== undefined && Object.hasOwn(ENDS, state)) {
    return said(raw, VENDOR, ENDS[state], state)
  }
  // Taken, and no task to ask for.
  if (raw.step === 'submit' && raw.status < 300) return said(raw, VENDOR, 'outcome_unknown')
  // Two things are 429: too many requests, which says how long to wait, and 24 unfinished tasks.
  const isFull = raw.step === 'submit' && raw.status === 429 && !raw.headers['retry-after']
  return isFull ? said(raw, VENDOR, 'concurrency_full') : classifyPlainly(raw, VENDOR)
}

/**
 * `X-BFL-Signature: sha256=<hex HMAC of the body>`. It is not dated: an old one is as good as a new
 * one, and as harmless, since it only means to poll.
 */
export function readCallback(
  { headers, body }: VendorCallback,
  webhookSecret: string | null
): CallbackReading {
  if (!webhookSecret) return { is: 'forged' }
  const digest = createHmac('sha256', webhookSecret).update(body).digest('hex')
  const wanted = Buffer.from(`sha256=${digest}`)
  const given = Buffer.from(headers['x-bfl-signature'] ?? '')
  const isRight = given.length === wanted.length && timingSafeEqual(given, wanted)
  return { is: isRight ? 'news' : 'forged' }
}

/** What a row keeps of a finished task. */
export function toReport({ id, cost, input_mp, output_mp }: TaskHandle, body: unknown) {
  const outputs = linkOf(body) ? 1 : 0
  return { id, outputs, cost, input_mp, output_mp, seed: at(body, 'result', 'seed') }
}

async function base64Of({ bytes }: ReferenceFile): Promise<string> {
  return Buffer.from(await bytes()).toString('base64')
}
