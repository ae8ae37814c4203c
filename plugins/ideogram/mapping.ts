import type {
  Classified,
  OutputLink,
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

/** What is kept of an answer: all but its pictures and the prompt that Ideogram has written out. */
interface WireReport {
  outputs: number
  withheld: number
  request_id?: string
}

const PATHS: Record<string, string> = {
  'ideogram-v3': 'generate',
  'ideogram-v3-remix': 'remix',
  'ideogram-v3-edit': 'edit',
}

export function pathOf({ model }: ProviderCall): string {
  return `/v1/ideogram-v3/${PATHS[model]}`
}

/** Our names are Ideogram's. */
const FIELDS = [
  ...['prompt', 'aspect_ratio', 'rendering_speed', 'magic_prompt', 'negative_prompt'],
  ...['num_images', 'seed', 'style_type', 'image_weight'],
]
const FILES = ['image', 'mask', 'style_reference_images', 'character_reference_images']

export async function toForm({ input, references }: ProviderCall): Promise<[string, FormValue][]> {
  const form: [string, FormValue][] = []
  for (const name of FIELDS) {
    if (input[name] !== undefined) form.push([name, String(input[name])])
  }
  for (const name of FILES) {
    for (const [n, file] of filesOf(references, name).entries()) {
      form.push([name, await fileOf(file, `${name}_${n + 1}`)])
    }
  }
  return form
}

/** A picture that was withheld has no link, and is billed like any other. */
export function toOutputs({ body }: VendorAnswer): OutputLink[] {
  return itemsOf(body).flatMap((item) => {
    const url = textAt(item, 'url')
    return url && !isWithheld(item) ? [{ url }] : []
  })
}

export function withheldIn(body: unknown): number {
  return itemsOf(body).filter(isWithheld).length
}

export function toReport({ body, headers }: VendorAnswer, outputs: number): WireReport {
  return { outputs, withheld: withheldIn(body), request_id: headers['x-request-id'] }
}

export function usage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    providerRequestId: textAt(raw, 'request_id'),
  }
}

/** Why it rejects what its status leaves open. */
const REJECTS: Record<string, ErrorClass> = {
  insufficient_funds: 'provider_balance',
  daily_limit: 'quota_daily',
  inflight_limit: 'concurrency_full',
}

export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, 'Ideogram')
  const { body, status } = raw
  if (status === 200) {
    const outputs = withheldIn(body)
    return { ...said(raw, 'Ideogram', 'blocked_output', 'is_image_safe'), usage: { outputs } }
  }
  const reason = textAt(body, 'reject_reason') ?? textAt(body, 'detail', 'reject_reason')
  const known = reason === undefined ? undefined : REJECTS[reason]
  if (known) return said(raw, 'Ideogram', known, reason)
  const byStatus = STATUSES[status]
  return byStatus ? said(raw, 'Ideogram', byStatus) : classifyPlainly(raw, 'Ideogram')
}

/**
 * It bills what goes on behind a gateway that gave up, and takes no idempotency key: only an
 * overload (503) is surely nothing. A generation that failed (500) is not billed.
 */
const STATUSES: Record<number, ErrorClass> = {
  422: 'blocked_input',
  500: 'provider_failed',
  502: 'outcome_unknown',
  504: 'outcome_unknown',
}

function itemsOf(body: unknown): unknown[] {
  const data = at(body, 'data')
  return Array.isArray(data) ? data : []
}

function isWithheld(item: unknown): boolean {
  return at(item, 'is_image_safe') === false
}

async function fileOf({ contentType, bytes }: ReferenceFile, name: string): Promise<FormValue> {
  const filename = `${name}.${contentType.split('/')[1]}`
  return { bytes: await bytes(), filename, contentType }
}
