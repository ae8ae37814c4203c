import type { Classified, OutputFile, ProviderCall, Usage } from '#core/plugins/model_provider'
import { dataUriOf, filesOf } from '#core/plugins/references'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
  type VendorAnswer,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'xAI'

/** What is kept of an answer: all but its pictures and its prompts. */
interface WireReport {
  outputs: number
  request_id?: string
  cost_in_usd_ticks?: number
}

const FIELDS = ['prompt', 'n', 'aspect_ratio', 'resolution'] as const

/** A drawing, or an edit: the same, with pictures as data URLs in JSON. xAI knows no forms. */
export async function toBody({ model, input, references }: ProviderCall) {
  const given = FIELDS.filter((name) => input[name] !== undefined)
  const pictures = await Promise.all(
    filesOf(references, 'images').map(async (file) => ({
      url: await dataUriOf(file),
      type: 'image_url',
    }))
  )
  return {
    model,
    response_format: 'b64_json',
    ...Object.fromEntries(given.map((name) => [name, input[name]])),
    ...(pictures.length === 1 && { image: pictures[0] }),
    ...(pictures.length > 1 && { images: pictures }),
  }
}

/** Those that xAI did not withhold. What they are is told by their bytes: the answer does not say. */
export function toOutputs({ body }: VendorAnswer): OutputFile[] {
  return itemsOf(body).flatMap((item) => {
    const base64 = textAt(item, 'b64_json')
    if (!base64 || isWithheld(item)) return []
    const bytes = Buffer.from(base64, 'base64')
    return [{ bytes, contentType: contentTypeOf(bytes) }]
  })
}

export function toReport({ body, headers }: VendorAnswer, outputs: number): WireReport {
  return {
    outputs,
    request_id: headers['x-request-id'],
    cost_in_usd_ticks: measureAt(body, 'usage', 'cost_in_usd_ticks'),
  }
}

export function usage(raw: unknown): Usage {
  const cost = measureAt(raw, 'cost_in_usd_ticks')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(cost !== undefined && { reportedCost: { amount: cost, unit: 'usd_ticks' } }),
    providerRequestId: textAt(raw, 'request_id'),
  }
}

const CODES: Record<string, ErrorClass> = {
  content_policy_violation: 'blocked_input',
  insufficient_quota: 'provider_balance',
  invalid_api_key: 'provider_auth',
  model_not_found: 'model_retired',
  rate_limit_exceeded: 'rate_limited',
}

/**
 * xAI has two forms of errors: one like OpenAI's, and `{ code, error }` with two texts. A block is
 * an answer of 200 whose pictures all say `respect_moderation: false`.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  if (raw.status < 400) return ofAnswer(raw)
  const code =
    textAt(raw.body, 'error', 'code') ??
    textAt(raw.body, 'error', 'type') ??
    textAt(raw.body, 'code')
  const words = textAt(raw.body, 'error') ?? textAt(raw.body, 'error', 'message') ?? ''
  const known = CODES[code ?? ''] ?? ofWords(raw.status, words)
  if (known) return said(raw, VENDOR, known, code)
  return { ...classifyPlainly(raw, VENDOR), ...(code && { providerCode: code }) }
}

/**
 * A team without credits hears 403 or 429 like everybody else, and a prompt may be refused like a key
 * (both to be confirmed). The words tell, so that nobody's prompt is taken for the operator's trouble.
 */
function ofWords(status: number, words: string): ErrorClass | undefined {
  if (status < 429 && /moderation|usage guidelines|content policy/i.test(words)) {
    return 'blocked_input'
  }
  if (status === 400 && /incorrect api key/i.test(words)) return 'provider_auth'
  if (status !== 403 && status !== 429) return undefined
  return /credits|spending limit/i.test(words) ? 'provider_balance' : undefined
}

function ofAnswer(raw: VendorRefusal): Classified {
  const isBlocked = itemsOf(raw.body).some(isWithheld)
  const cost = measureAt(raw.body, 'usage', 'cost_in_usd_ticks')
  const billed = cost === undefined ? undefined : usage({ outputs: 0, cost_in_usd_ticks: cost })
  return {
    ...said(
      raw,
      VENDOR,
      isBlocked ? 'blocked_output' : 'no_output',
      isBlocked ? 'respect_moderation' : 'no_data'
    ),
    ...(billed && { usage: billed }),
  }
}

function itemsOf(body: unknown): unknown[] {
  const data = at(body, 'data')
  return Array.isArray(data) ? (data as unknown[]) : []
}

function isWithheld(item: unknown): boolean {
  return at(item, 'respect_moderation') === false
}

/** By its first bytes. */
function contentTypeOf(bytes: Buffer): string {
  if (bytes.subarray(0, 4).toString('latin1') === '\x89PNG') return 'image/png'
  return bytes.subarray(8, 12).toString('latin1') === 'WEBP' ? 'image/webp' : 'image/jpeg'
}
