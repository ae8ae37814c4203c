import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
  type FormFile,
} from '#tests/fakes/vendor/fake_vendor'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const TOGETHER = 10_000_000
const SPEEDS = ['TURBO', 'DEFAULT', 'QUALITY', 'FLASH']
const STYLES = ['AUTO', 'GENERAL', 'REALISTIC', 'DESIGN', 'FICTION']
const RATIOS = [
  ...['1x3', '3x1', '1x2', '2x1', '9x16', '16x9', '10x16', '16x10', '2x3', '3x2', '3x4', '4x3'],
  ...['4x5', '5x4', '1x1'],
]

/** What each endpoint takes. Whatever else comes is refused. */
const COMMON = [
  ...['prompt', 'rendering_speed', 'magic_prompt', 'num_images', 'seed', 'style_type'],
  ...['style_reference_images', 'character_reference_images'],
]
const DRAWN = [...COMMON, 'aspect_ratio', 'negative_prompt']
const FILES = ['image', 'mask', 'style_reference_images', 'character_reference_images']

/** Ideogram's version 3, as it was documented on 2026-11-22. */
export default class FakeIdeogram extends FakeVendor {
  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    this.#route('generate', DRAWN, []),
    this.#route('remix', [...DRAWN, 'image', 'image_weight'], ['image']),
    this.#route('edit', [...COMMON, 'image', 'mask'], ['image', 'mask']),
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return { status: 401, json: { error: 'Invalid API key' } }
      case 'rate':
        return { status: 429, json: { error: 'Too many requests' } }
      case 'server':
        return { status: 503, json: { error: 'Try again later' } }
      case 'not_found':
        return { status: 404, json: { error: 'Not found' } }
    }
  }

  #route(name: string, known: string[], needed: string[]): FakeRoute {
    return {
      method: 'POST',
      path: `/v1/ideogram-v3/${name}`,
      step: 'submit',
      answer: async (call) => {
        const form = await call.form()
        const problem = misfit(form, known, needed)
        if (problem) return { status: 400, json: { error: problem } }
        return REFUSALS[call.trouble ?? ''] ?? this.#make(call, Object.fromEntries(form))
      },
    }
  }

  async #make(call: FakeCall, body: Record<string, string | FormFile>): Promise<FakeAnswer> {
    await working(call)
    const { trouble } = call
    const wanted = trouble === 'empty' ? 0 : Number(body.num_images ?? 1)
    const data: object[] = []
    for (let n = 0; n < wanted; n++) {
      const isWithheld = trouble === 'withheld' || (trouble === 'partial' && n === 0)
      const told = { prompt: body.prompt, resolution: '1024x1024', seed: 7, style_type: 'GENERAL' }
      const bytes = await picture({ width: 64, height: 64 }, 'png', this.next())
      const kept = { bytes, contentType: 'image/png' }
      const url = isWithheld ? '' : this.keep(kept, { host: 'ideogram.ai', trouble })
      data.push({ ...told, is_image_safe: !isWithheld, url })
    }
    return { json: { created: '2026-11-22T10:00:00Z', data } }
  }
}

const REFUSALS: Record<string, FakeAnswer> = {
  moderation: { status: 422, json: { error: 'Prompt failed the safety check' } },
  balance: { status: 402, json: { reject_reason: 'insufficient_funds' } },
  daily: { status: 402, json: { reject_reason: 'daily_limit' } },
  concurrency: {
    status: 429,
    json: { reject_reason: 'inflight_limit', max_inflight_requests: 10 },
  },
  failed: { status: 500, json: { error: 'Generation failed' } },
  auth: { status: 401, json: { error: 'Invalid API key' } },
  invalid: { status: 400, json: { error: 'Bad request' } },
}

function misfit(form: [string, string | FormFile][], known: string[], needed: string[]) {
  const body = Object.fromEntries(form)
  const stranger = form.find(([name]) => !known.includes(name))
  if (stranger) return `unknown field ${stranger[0]}`
  const isOdd = ([name, value]: [string, string | FormFile]) =>
    FILES.includes(name) === (typeof value === 'string')
  if (form.some(isOdd)) return 'a file is missing, or where none is taken'
  const missing = ['prompt', ...needed].find((name) => body[name] === undefined)
  if (missing) return `${missing} is required`
  if (String(body.prompt).length === 0) return 'prompt is empty'
  const choices: [string, string[]][] = [
    ['rendering_speed', SPEEDS],
    ['magic_prompt', ['AUTO', 'ON', 'OFF']],
    ['style_type', STYLES],
    ['aspect_ratio', RATIOS],
  ]
  const wrong = choices.find(
    ([name, values]) => body[name] !== undefined && !values.includes(String(body[name]))
  )
  if (wrong) return `${wrong[0]} is not one of ${wrong[1].join(', ')}`
  const { num_images: count = '1', image_weight: weight = '50', seed = '0' } = body
  if (!isWithin(count, 1, 8)) return 'num_images: 1 to 8'
  if (!isWithin(weight, 1, 100)) return 'image_weight: 1 to 100'
  if (!isWithin(seed, 0, 2_147_483_647)) return 'seed: 0 to 2147483647'
  const bytes = form.reduce(
    (sum, [name, value]) =>
      name.endsWith('_images') && typeof value !== 'string' ? sum + value.bytes.length : sum,
    0
  )
  return bytes > TOGETHER ? 'references: 10 MB together' : null
}

function isWithin(value: string | FormFile, low: number, high: number): boolean {
  const number = Number(value)
  return Number.isInteger(number) && number >= low && number <= high
}
