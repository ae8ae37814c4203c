import type { Classified, OutputLink, ProviderCall, Usage } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import type { FormValue, VendorBody } from '#core/plugins/vendor_http'
import {
  at,
  classifyPlainly,
  measureAt,
  said,
  textAt,
  VendorRefusal,
  type VendorAnswer,
} from '#core/plugins/vendor_steps'

/** What is kept of an answer: all but its links. */
interface WireReport {
  outputs: number
  /** Units, a thousandth of a dollar each. */
  credits?: number
}

const GENERATIONS = 'images/generations'
const TOOLS: Record<string, string> = {
  'recraft-variate': 'images/variateImage',
  'recraft-vectorize': 'images/vectorize',
  'recraft-remove-background': 'images/removeBackground',
  'recraft-crisp-upscale': 'images/crispUpscale',
  'recraft-creative-upscale': 'images/creativeUpscale',
}

export async function toRequest(call: ProviderCall): Promise<{ path: string; body: VendorBody }> {
  const path = TOOLS[call.model]
  if (path === undefined) return { path: GENERATIONS, body: { json: toGeneration(call) } }
  return { path, body: { form: await toForm(call) } }
}

function toGeneration({ model, input }: ProviderCall): Record<string, unknown> {
  const { artistic_level: level, no_text: noText, colors, background_color: ground } = input
  const controls = {
    ...(level !== undefined && { artistic_level: level }),
    ...(noText !== undefined && { no_text: noText }),
    ...(colors !== undefined && { colors: (colors as string[]).map(toColour) }),
    ...(ground !== undefined && { background_color: toColour(String(ground)) }),
  }
  return {
    prompt: input.prompt,
    model: 'recraftv3',
    style: model === 'recraft-v3-vector' ? 'vector_illustration' : input.style,
    n: input.n,
    size: input.size,
    response_format: 'url',
    ...(input.negative_prompt !== undefined && { negative_prompt: input.negative_prompt }),
    ...(Object.keys(controls).length > 0 && { controls }),
  }
}

async function toForm({ input, references }: ProviderCall): Promise<[string, FormValue][]> {
  const [{ contentType, bytes }] = filesOf(references, 'image')
  const filename = `image.${contentType.split('/')[1]}`
  const form: [string, FormValue][] = [
    ['image', { bytes: await bytes(), filename, contentType }],
    ['response_format', 'url'],
  ]
  const fields = [
    ['n', 'n'],
    ['size', 'size'],
    ['image_format', 'image_format'],
    ['seed', 'random_seed'],
  ]
  for (const [ours, theirs] of fields) {
    if (input[ours] !== undefined) form.push([theirs, String(input[ours])])
  }
  return form
}

function toColour(hex: string) {
  return { rgb: [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16)) }
}

/** A generation has a list of pictures, a tool has one. */
export function toOutputs({ body }: VendorAnswer): OutputLink[] {
  const data = at(body, 'data')
  const items: unknown[] = Array.isArray(data) ? data : [at(body, 'image')]
  return items.flatMap((item) => {
    const url = textAt(item, 'url')
    return url ? [{ url }] : []
  })
}

export function toReport({ body }: VendorAnswer, outputs: number): WireReport {
  return { outputs, credits: measureAt(body, 'credits') }
}

export function usage(raw: unknown): Usage {
  const amount = measureAt(raw, 'credits')
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    ...(amount !== undefined && { reportedCost: { amount, unit: 'units' } }),
  }
}

/** No table of errors is published: these are words that its codes are known to have. */
const MODERATED = /moderat|nsfw|safety|content_policy|prohibited/i

export function classify(raw: unknown): Classified {
  if (!(raw instanceof VendorRefusal)) return classifyPlainly(raw, 'Recraft')
  const code = textAt(raw.body, 'code')
  if (raw.status === 400 && code !== undefined && MODERATED.test(code)) {
    return said(raw, 'Recraft', 'blocked_input', code)
  }
  // A key that is wrong is 401. One that may not is one whose units are used up.
  if (raw.status === 403) return said(raw, 'Recraft', 'provider_balance', code)
  return { ...classifyPlainly(raw, 'Recraft'), ...(code && { providerCode: code }) }
}
