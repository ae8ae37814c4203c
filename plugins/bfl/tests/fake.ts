import type { ModelManifest } from '#core/plugins/define_plugin'
import { readSize } from '#core/plugins/geometry'
import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { picture } from '#tests/fakes/vendor/media'
import type { Trouble } from '#tests/fakes/vendor/troubles'
import plugin from '../plugin.js'

const ANY = ['prompt', 'seed', 'safety_tolerance', 'output_format', 'webhook_url', 'webhook_secret']
const SECOND = [...ANY, 'width', 'height', 'input_image', ...numbered(8)]
const KLEIN = [...ANY, 'width', 'height', 'input_image', ...numbered(4)]
const KONTEXT = [...ANY, 'aspect_ratio', 'input_image', 'prompt_upsampling']

/** What each endpoint takes. Whatever else comes is refused. */
const FIELDS: Record<string, string[]> = {
  'flux-2-pro': SECOND,
  'flux-2-max': SECOND,
  'flux-2-flex': [...SECOND, 'steps', 'guidance', 'prompt_upsampling'],
  'flux-2-klein-9b': KLEIN,
  'flux-2-klein-4b': KLEIN,
  'flux-kontext-pro': KONTEXT,
  'flux-kontext-max': KONTEXT,
  'flux-pro-1.1': [...ANY, 'width', 'height', 'prompt_upsampling'],
  'flux-pro-1.1-ultra': [
    ...[...ANY, 'aspect_ratio', 'raw', 'image_prompt', 'image_prompt_strength'],
    'prompt_upsampling',
  ],
  'flux-pro-1.0-fill': [...ANY, 'image', 'mask', 'prompt_upsampling'],
}

/** In credits: of the first megapixel and of each further one, or of a picture. */
const PRICES: Record<string, [number, number] | number> = {
  'flux-2-pro': [3, 1.5],
  'flux-2-max': [7, 3],
  'flux-2-flex': [5, 5],
  'flux-2-klein-9b': [1.5, 0.2],
  'flux-2-klein-4b': [1.4, 0.1],
  'flux-kontext-pro': 4,
  'flux-kontext-max': 8,
  'flux-pro-1.1': 4,
  'flux-pro-1.1-ultra': 6,
  'flux-pro-1.0-fill': 5,
}

const SIZES: Record<string, string> = {
  '1:1': '256x256',
  '4:3': '256x192',
  '3:4': '192x256',
  '3:2': '288x192',
  '2:3': '192x288',
  '16:9': '256x144',
  '9:16': '144x256',
  '21:9': '336x144',
  '9:21': '144x336',
}

interface Task {
  readyAt: number
  trouble: Trouble | null
  url: string
}

/** The FLUX models of Black Forest Labs, as they were documented on 2026-11-22. */
export default class FakeBfl extends FakeVendor {
  readonly #tasks = new Map<string, Task>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/:model',
      step: 'submit',
      answer: (call) => this.#submit(call),
    },
    {
      method: 'GET',
      path: '/v1/get_result',
      step: 'poll',
      answer: (call) => this.#result(call),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return { status: 403, json: { detail: 'Not authenticated' } }
      case 'rate':
        return { status: 429, json: { message: 'Rate limit exceeded' } }
      case 'server':
        return { status: 503, json: { error: 'unavailable', message: 'Try again', details: null } }
      case 'not_found':
        return { status: 404, json: { detail: 'Not Found' } }
    }
  }

  async #submit(call: FakeCall): Promise<FakeAnswer> {
    const { model } = call.params
    const living = plugin.models.find(({ id }) => id === model)
    if (!living || !FIELDS[model]) return this.complaint('not_found')
    const body = call.json()
    const refused = troubleOf(call) ?? misfit(living, body)
    if (refused) return refused
    const size = sizeOf(body)
    const format = body.output_format === 'png' ? 'png' : 'jpeg'
    const url = this.keep(
      { bytes: await picture(size, format, this.next()), contentType: `image/${format}` },
      { host: 'delivery-eu1.bfl.ai', trouble: call.trouble }
    )
    const id = `task_${this.next()}`
    this.#tasks.set(id, { readyAt: Date.now() + call.slowMs, trouble: call.trouble, url })
    return {
      json: {
        ...{ id, polling_url: `https://api.eu1.bfl.ai/v1/get_result?id=${id}` },
        ...(call.trouble === 'absurd' ? { cost: -4, output_mp: 'many' } : bill(model, body)),
      },
    }
  }

  #result({ host, query }: FakeCall): FakeAnswer {
    // Each region knows its own tasks.
    const task = host === 'api.eu1.bfl.ai' ? this.#tasks.get(query.get('id') ?? '') : undefined
    const id = query.get('id')
    if (!task) return { json: { id, status: 'Task not found', result: null } }
    if (Date.now() < task.readyAt) return { json: { id, status: 'Pending', result: null } }
    const end = task.trouble && ENDS[task.trouble]
    if (end) return { json: { id, status: end, result: null, details: null } }
    const sample = task.trouble === 'empty' ? null : task.url
    return { json: { id, status: 'Ready', result: { sample, seed: 7, duration: 2.5 } } }
  }
}

const ENDS: Partial<Record<Trouble, string>> = {
  moderation: 'Request Moderated',
  withheld: 'Content Moderated',
  failed: 'Error',
}

function bill(model: string, body: Record<string, unknown>) {
  const price = PRICES[model]
  if (typeof price === 'number') return { cost: price, input_mp: null, output_mp: null }
  const { width, height } = sizeOf(body)
  const out = Math.max(1, (width * height) / 1_048_576)
  const pictures = Object.keys(body).filter((name) => name.startsWith('input_image')).length
  const cost = price[0] + (out - 1) * price[1] + pictures * price[1]
  return { cost: Math.round(cost * 1000) / 1000, input_mp: pictures, output_mp: out }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'balance':
      return { status: 402, json: { detail: 'Insufficient credits' } }
    case 'auth':
      return { status: 401, json: { detail: 'Invalid key' } }
    case 'concurrency':
      return { status: 429, json: { detail: 'Too many active tasks' } }
    case 'retired':
      return { status: 404, json: { detail: 'Not Found' } }
    case 'invalid':
      return invalid('prompt')
    default:
      return null
  }
}

function misfit({ id }: ModelManifest, body: Record<string, unknown>): FakeAnswer | null {
  const stranger = Object.keys(body).find((name) => !FIELDS[id].includes(name))
  if (stranger) return invalid(stranger)
  if (typeof body.prompt !== 'string' || body.prompt === '') return invalid('prompt')
  const { seed, safety_tolerance: tolerance = 2, output_format: format = 'jpeg' } = body
  if (seed !== undefined && !Number.isInteger(seed)) return invalid('seed')
  if (!(Number(tolerance) >= 0 && Number(tolerance) <= 5)) return invalid('safety_tolerance')
  if (!['jpeg', 'png'].includes(String(format))) return invalid('output_format')
  if (body.aspect_ratio !== undefined && !SIZES[String(body.aspect_ratio)]) {
    return invalid('aspect_ratio')
  }
  for (const name of Object.keys(body).filter((field) => /image(_\d)?$|^image|^mask/.test(field))) {
    if (name === 'image_prompt_strength') continue
    const text = String(body[name])
    if (Buffer.from(text, 'base64').toString('base64') !== text) return invalid(name)
  }
  if (id === 'flux-pro-1.0-fill' && !(body.image && body.mask)) return invalid('image')
  const { width, height } = sizeOf(body)
  const isWhole = width % 16 === 0 && height % 16 === 0 && Math.min(width, height) >= 64
  return isWhole && width * height <= 4 * 1_048_576 ? null : invalid('width')
}

function sizeOf(body: Record<string, unknown>) {
  if (body.aspect_ratio !== undefined) return readSize(SIZES[String(body.aspect_ratio)])
  return { width: Number(body.width ?? 256), height: Number(body.height ?? 256) }
}

function invalid(field: string): FakeAnswer {
  return {
    status: 422,
    json: { detail: [{ loc: ['body', field], msg: 'Invalid', type: 'value' }] },
  }
}

function numbered(most: number): string[] {
  return Array.from({ length: most - 1 }, (_, n) => `input_image_${n + 2}`)
}
