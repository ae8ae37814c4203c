import type { Classified, OutputFile, ProviderCall, Usage } from '#core/plugins/model_provider'
import {
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
  type VendorAnswer,
} from '#core/plugins/vendor_steps'
import type { ErrorClass } from '#core/queue/types'

const VENDOR = 'ElevenLabs'

/** What is kept of an answer, which is nothing but the sound. */
interface WireReport {
  outputs: number
  request_id?: string
}

const SETTINGS = ['stability', 'similarity_boost'] as const

/** Below the vendor's `v1`. The voice cannot leave its place: the schema knows letters and digits only. */
export function toPath({ input }: ProviderCall): string {
  return `text-to-speech/${String(input.voice)}?output_format=${String(input.output_format)}`
}

/** Ours are `eleven-flash-v2.5`, the vendor's are `eleven_flash_v2_5`. */
export function toBody({ model, input }: ProviderCall): Record<string, unknown> {
  const settings = picked(input, SETTINGS)
  return {
    ...picked(input, ['text', 'seed', 'language_code']),
    model_id: model.replaceAll(/[-.]/g, '_'),
    ...(Object.keys(settings).length > 0 && { voice_settings: settings }),
  }
}

/** The sound, `null` where the answer is none, and nothing where it is silent. */
export function toOutputs({ bytes, headers }: VendorAnswer): OutputFile[] | null {
  const [contentType] = (headers['content-type'] ?? '').split(';')
  if (contentType !== 'audio/mpeg') return null
  return bytes.byteLength > 0 ? [{ bytes, contentType }] : []
}

export function toReport({ headers }: VendorAnswer, outputs: number): WireReport {
  return { outputs, request_id: headers['request-id'] }
}

/** Characters are counted as they were sent: an answer does not say them. */
export function usage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    providerRequestId: textAt(raw, 'request_id'),
  }
}

const STATUSES: Record<string, ErrorClass> = {
  max_character_limit_exceeded: 'invalid_input',
  voice_not_found: 'invalid_input',
  invalid_api_key: 'provider_auth',
  // A balance that is used up, with the status of a wrong key.
  quota_exceeded: 'provider_balance',
  too_many_concurrent_requests: 'concurrency_full',
  system_busy: 'rate_limited',
}

/** What the vendor calls a status is in its body, and says more than that of HTTP. */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  if (raw.status < 400) return said(raw, VENDOR, 'no_output', 'no_sound')
  const status = textAt(raw.body, 'detail', 'status')
  const known = STATUSES[status ?? '']
  if (known) return said(raw, VENDOR, known, status)
  return { ...classifyPlainly(raw, VENDOR), ...(status && { providerCode: status }) }
}

function picked(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const given = names.filter((name) => input[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, input[name]]))
}
