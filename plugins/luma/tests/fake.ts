import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film, picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const RATIOS = ['1:1', '16:9', '9:16', '4:3', '3:4', '21:9', '9:21']
const IMAGE = [
  ...['model', 'prompt', 'aspect_ratio', 'format', 'image_ref', 'style_ref'],
  ...['character_ref', 'modify_image_ref', 'callback_url', 'sync', 'sync_timeout'],
]
const VIDEO = [
  ...['model', 'prompt', 'aspect_ratio', 'duration', 'resolution', 'loop'],
  ...['keyframes', 'concepts', 'callback_url'],
]

interface Generation {
  id: string
  readyAt: number
  body: Record<string, unknown>
  trouble: FakeCall['trouble']
  assets?: Record<string, string>
}

/** Luma's generations, as the types of its SDK 1.19.1 describe them. */
export default class FakeLuma extends FakeVendor {
  readonly #generations = new Map<string, Generation>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/dream-machine/v1/generations/image',
      step: 'submit',
      answer: (call) => this.#accept(call, misfitOfImage(call.json())),
    },
    {
      method: 'POST',
      path: '/dream-machine/v1/generations/video',
      step: 'submit',
      answer: (call) => this.#accept(call, misfitOfVideo(call.json())),
    },
    {
      method: 'GET',
      path: '/dream-machine/v1/generations/:id',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'Not authenticated')
      case 'rate':
        return refusal(429, 'Too many requests')
      case 'server':
        return refusal(503, 'Service unavailable')
      case 'not_found':
        return refusal(404, 'Not found')
    }
  }

  #accept({ json, trouble, slowMs }: FakeCall, misfit: string | null): FakeAnswer {
    if (misfit) {
      const detail = [{ type: 'value_error', loc: ['body', misfit], msg: misfit, input: null }]
      return { status: 400, json: { detail } }
    }
    switch (trouble) {
      case 'auth':
        return this.complaint('auth')
      case 'moderation':
        return refusal(400, 'Prompt was rejected by content moderation')
      case 'balance':
        return refusal(400, 'Insufficient credits')
      case 'invalid':
        return refusal(400, 'Could not read image')
    }
    const [id, body] = [`generation-${this.next()}`, json()]
    this.#generations.set(id, { id, body, trouble, readyAt: Date.now() + slowMs })
    return { status: 201, json: { id, state: 'queued', assets: null, model: body.model } }
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const generation = this.#generations.get(id)
    if (!generation) return this.complaint('not_found')
    const { body, trouble, readyAt } = generation
    const told = { id, model: body.model, request: body, failure_reason: null, assets: null }
    const waits = readyAt - Date.now()
    if (waits > 0) return { json: { ...told, state: waits > 150 ? 'queued' : 'dreaming' } }
    const why = FAILURES[trouble ?? '']
    if (why) return { json: { ...told, state: 'failed', failure_reason: why } }
    if (trouble !== 'empty') generation.assets ??= await this.#make(generation)
    return { json: { ...told, state: 'completed', assets: generation.assets ?? {} } }
  }

  async #make({ body, trouble }: Generation): Promise<Record<string, string>> {
    const place = { host: 'storage.cdn-luma.com', trouble }
    if ('duration' in body) {
      const bytes = await film(
        { width: 480, height: 270 },
        Number.parseInt(String(body.duration), 10)
      )
      return { video: this.keep({ bytes, contentType: 'video/mp4' }, place) }
    }
    const format = body.format === 'png' ? 'png' : 'jpeg'
    const bytes = await picture({ width: 320, height: 180 }, format, this.next())
    return { image: this.keep({ bytes, contentType: `image/${format}` }, place) }
  }
}

const FAILURES: Record<string, string> = {
  failed: 'Internal error',
  withheld: 'Output was removed by content moderation',
}

interface Reference {
  url: string
  weight?: number
}

function misfitOfImage(body: Record<string, unknown>): string | null {
  const shared = misfitOf(body, IMAGE, ['photon-1', 'photon-flash-1'])
  if (shared) return shared
  if (body.format !== 'jpg' && body.format !== 'png') return 'format'
  const { image_ref: images = [], style_ref: styles = [], modify_image_ref: source } = body
  const people = body.character_ref as { identity0: { images: string[] } } | undefined
  const faces = people ? people.identity0.images : []
  const given = [images, styles, source ?? []].flat() as Reference[]
  if ((images as unknown[]).length > 4 || faces.length > 4) return 'at most 4 images'
  const urls = [...given.map(({ url }) => url), ...faces]
  if (!urls.every((url) => url.startsWith('https://'))) return 'url'
  return given.every(({ weight = 1 }) => weight >= 0 && weight <= 1) ? null : 'weight'
}

function misfitOfVideo(body: Record<string, unknown>): string | null {
  const shared = misfitOf(body, VIDEO, ['ray-2', 'ray-flash-2'])
  if (shared) return shared
  if (body.duration !== '5s' && body.duration !== '9s') return 'duration'
  if (!['540p', '720p', '1080p', '4k'].includes(String(body.resolution))) return 'resolution'
  if (typeof body.loop !== 'boolean') return 'loop'
  const frames = Object.entries((body.keyframes ?? {}) as Record<string, Record<string, string>>)
  const isFrame = ([name, { type, url }]: (typeof frames)[number]) =>
    /^frame[01]$/.test(name) && type === 'image' && url.startsWith('https://')
  return frames.every(isFrame) ? null : 'keyframes'
}

function misfitOf(body: Record<string, unknown>, known: string[], models: string[]): string | null {
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  if (stranger) return stranger
  if (!models.includes(String(body.model))) return 'model'
  const length = String(body.prompt ?? '').length
  if (length < 3 || length > 5_000) return 'prompt'
  return RATIOS.includes(String(body.aspect_ratio)) ? null : 'aspect_ratio'
}

function refusal(status: number, detail: string): FakeAnswer {
  return { status, json: { detail } }
}
