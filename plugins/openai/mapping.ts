import { readSize } from '#core/plugins/geometry'
import type {
  Classified,
  OutputFile,
  ProviderCall,
  ReferenceFile,
  Usage,
} from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import type { FormValue } from '#core/plugins/vendor_http'
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

/** What is kept of an answer: all but its pictures. */
interface WireReport {
  outputs: number
  request_id?: string
  size?: string
  usage?: unknown
}

/** Our names are OpenAI's. What is left out there says the same by its default. */
const FIELDS = ['prompt', 'size', 'quality', 'background', 'n'] as const
const OPTIONAL = ['output_format', 'output_compression'] as const

export function toGeneration({ model, input }: ProviderCall): Record<string, unknown> {
  return { model, ...picked(input, [...FIELDS, ...OPTIONAL, 'moderation']) }
}

/** An edit has no "moderation", and its pictures are files. */
export async function toEdit({ model, input, references }: ProviderCall) {
  const fields = picked(input, [...FIELDS, ...OPTIONAL, 'input_fidelity'])
  const form: [string, FormValue][] = [['model', model]]
  for (const [name, value] of Object.entries(fields)) form.push([name, String(value)])
  for (const [n, file] of filesOf(references, 'images').entries()) {
    form.push(['image[]', await fileOf(file, `image_${n + 1}`)])
  }
  const [mask] = filesOf(references, 'mask')
  if (mask) form.push(['mask', await fileOf(mask, 'mask')])
  return form
}

export function toOutputs({ body }: VendorAnswer, { input }: ProviderCall): OutputFile[] {
  const data = at(body, 'data')
  const items = Array.isArray(data) ? data : []
  return items.flatMap((item: unknown) => {
    const base64 = textAt(item, 'b64_json')
    const contentType = `image/${String(input.output_format)}`
    return base64 ? [{ bytes: Buffer.from(base64, 'base64'), contentType }] : []
  })
}

export function toReport({ body, headers }: VendorAnswer, outputs: number): WireReport {
  return {
    outputs,
    request_id: headers['x-request-id'],
    size: textAt(body, 'size'),
    usage: at(body, 'usage'),
  }
}

/** Tokens of text that a model writes beside its pictures cost no more than those of pictures. */
export function usage(raw: unknown): Usage {
  const outputs = measureAt(raw, 'outputs') ?? 0
  const { width, height } = readSize(textAt(raw, 'size') ?? '')
  const imageOut = measureAt(raw, 'usage', 'output_tokens')
  return {
    outputs,
    ...(width > 0 && { pixelsOut: width * height * outputs }),
    ...(imageOut !== undefined && {
      tokens: {
        textIn: measureAt(raw, 'usage', 'input_tokens_details', 'text_tokens') ?? 0,
        imageIn: measureAt(raw, 'usage', 'input_tokens_details', 'image_tokens') ?? 0,
        imageOut,
      },
    }),
    providerRequestId: textAt(raw, 'request_id'),
  }
}

const CODES: Record<string, ErrorClass> = {
  moderation_blocked: 'blocked_input',
  content_policy_violation: 'blocked_input',
  insufficient_quota: 'provider_balance',
  billing_hard_limit_reached: 'provider_balance',
  model_not_found: 'model_retired',
  rate_limit_exceeded: 'rate_limited',
}

/** OpenAI says by its code what its status leaves open: 429 is a rate, or a balance that is used up. */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, 'OpenAI')
  const code = textAt(raw.body, 'error', 'code') ?? textAt(raw.body, 'error', 'type')
  const known = code === undefined ? undefined : CODES[code]
  if (known) return said(raw, 'OpenAI', known, code)
  const plain = { ...classifyPlainly(raw, 'OpenAI'), ...(code && { providerCode: code }) }
  const isHopeless = raw.headers['x-should-retry'] === 'false'
  return plain.class === 'transient_before_accept' && isHopeless
    ? said(raw, 'OpenAI', 'provider_failed', code)
    : plain
}

function picked(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const given = names.filter((name) => input[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, input[name]]))
}

async function fileOf({ contentType, bytes }: ReferenceFile, name: string): Promise<FormValue> {
  const filename = `${name}.${contentType.split('/')[1]}`
  return { bytes: await bytes(), filename, contentType }
}
