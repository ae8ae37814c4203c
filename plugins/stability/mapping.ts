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
} from '#core/plugins/vendor_steps'

const VENDOR = 'Stability AI'
/** How long an account is banned that was too fast, where no header says it (to be confirmed). */
const BAN_MS = 60_000

/** What is kept of an answer: all but its picture. */
interface WireReport {
  outputs: number
  seed?: number
  request_id?: string
}

const PATHS: Record<string, string> = {
  'ultra': 'generate/ultra',
  'core': 'generate/core',
  'sd3.5-large': 'generate/sd3',
  'upscale-fast': 'upscale/fast',
  'upscale-conservative': 'upscale/conservative',
  'upscale-creative': 'upscale/creative',
}

export function pathOf(model: string): string {
  return PATHS[model]
}

/** Our names are the vendor's. SD 3.5 is one of several models behind one address, with two modes. */
export async function toForm({ model, input, references }: ProviderCall) {
  const form: [string, FormValue][] = []
  const [image] = filesOf(references, 'image')
  if (model === 'sd3.5-large') {
    form.push(['model', model], ['mode', image ? 'image-to-image' : 'text-to-image'])
  }
  for (const [name, value] of Object.entries(input)) {
    if (name !== 'image' && value !== undefined) form.push([name, String(value)])
  }
  if (image) form.push(['image', await fileOf(image)])
  return form
}

/** The picture of an answer. That of a result that was waited for is called otherwise (to be confirmed). */
export function toOutputs(body: unknown, { input }: ProviderCall): OutputFile[] {
  const base64 = textAt(body, 'image') ?? textAt(body, 'result')
  if (!base64 || isFiltered(body)) return []
  return [
    { bytes: Buffer.from(base64, 'base64'), contentType: `image/${String(input.output_format)}` },
  ]
}

export function toReport(body: unknown, outputs: number, id?: string): WireReport {
  return { outputs, seed: measureAt(body, 'seed'), request_id: id }
}

export function usage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    providerRequestId: textAt(raw, 'request_id'),
  }
}

const ID = /^[\w-]{1,128}$/

/** The id of work that was taken, as it may stand in an address, or `null`. */
export function workIn(body: unknown): string | null {
  const id = textAt(body, 'id') ?? ''
  return ID.test(id) ? id : null
}

/**
 * An error has a name; that of a refused prompt comes with the status of a refused key. A picture
 * that was made and withheld comes with 200 and says so in `finish_reason`.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  if (raw.status < 400) {
    return isFiltered(raw.body)
      ? said(raw, VENDOR, 'blocked_output', 'CONTENT_FILTERED')
      : said(raw, VENDOR, 'no_output', textAt(raw.body, 'finish_reason') ?? 'no_image')
  }
  const name = textAt(raw.body, 'name')
  if (name === 'content_moderation') return said(raw, VENDOR, 'blocked_input', name)
  const plain = { ...classifyPlainly(raw, VENDOR), ...(name && { providerCode: name }) }
  return plain.class === 'rate_limited' ? { retryAfterMs: BAN_MS, ...plain } : plain
}

function isFiltered(body: unknown): boolean {
  return at(body, 'finish_reason') === 'CONTENT_FILTERED'
}

async function fileOf({ contentType, bytes }: ReferenceFile): Promise<FormValue> {
  const filename = `image.${contentType.split('/')[1]}`
  return { bytes: await bytes(), filename, contentType }
}
