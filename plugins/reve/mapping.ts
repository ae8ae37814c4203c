import type {
  Classified,
  OutputFile,
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
  type VendorAnswer,
} from '#core/plugins/vendor_steps'

const VENDOR = 'Reve'

/** What is kept of an answer: all but its picture. */
interface WireReport {
  outputs: number
  request_id?: string
  version?: string
  credits_used?: number
}

const WORDS = ['prompt', 'edit_instruction', 'aspect_ratio', 'version'] as const

/** Our names are Reve's. Its pictures are base64 without a type. */
export async function toBody({ input, references }: ProviderCall) {
  const given = WORDS.filter((name) => input[name] !== undefined)
  const [edited] = filesOf(references, 'reference_image')
  const mixed = filesOf(references, 'reference_images')
  return {
    ...Object.fromEntries(given.map((name) => [name, input[name]])),
    ...(edited && { reference_image: await base64Of(edited) }),
    ...(mixed.length > 0 && { reference_images: await Promise.all(mixed.map(base64Of)) }),
  }
}

/** The picture, or none where it was withheld. What it is is told by its bytes. */
export function toOutputs({ body }: VendorAnswer): OutputFile[] {
  const base64 = textAt(body, 'image')
  if (!base64 || isViolation(body)) return []
  const bytes = Buffer.from(base64, 'base64')
  return [{ bytes, contentType: contentTypeOf(bytes) }]
}

export function toReport({ body }: VendorAnswer, outputs: number): WireReport {
  return {
    outputs,
    request_id: textAt(body, 'request_id'),
    version: textAt(body, 'version'),
    credits_used: measureAt(body, 'credits_used'),
  }
}

export function usage(raw: unknown): Usage {
  const credits = measureAt(raw, 'credits_used')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(credits !== undefined && { reportedCost: { amount: credits, unit: 'credits' } }),
    providerRequestId: textAt(raw, 'request_id'),
  }
}

/**
 * Reve says no by its status, but for one thing: a picture that breaks its rules is an answer of 200
 * with `content_violation`. What credits it took all the same it says, too.
 */
export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, VENDOR)
  if (raw.status >= 400) {
    const code = textAt(raw.body, 'error_code')
    return { ...classifyPlainly(raw, VENDOR), ...(code && { providerCode: code }) }
  }
  const isBlocked = isViolation(raw.body)
  const taken = measureAt(raw.body, 'credits_used') ?? 0
  return {
    ...said(
      raw,
      VENDOR,
      isBlocked ? 'blocked_output' : 'no_output',
      isBlocked ? 'content_violation' : 'no_image'
    ),
    ...(taken > 0 && {
      usage: usage({
        outputs: 0,
        credits_used: taken,
        request_id: textAt(raw.body, 'request_id'),
      }),
    }),
  }
}

function isViolation(body: unknown): boolean {
  return at(body, 'content_violation') === true
}

async function base64Of({ bytes }: ReferenceFile): Promise<string> {
  return Buffer.from(await bytes()).toString('base64')
}

/** PNG as Reve documents it, and what else it may be by its first bytes. */
function contentTypeOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg'
  return bytes.subarray(8, 12).toString('latin1') === 'WEBP' ? 'image/webp' : 'image/png'
}
