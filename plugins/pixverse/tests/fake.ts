import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const HOST = 'media.pixverse.ai'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const SHARED = [
  ...['model', 'prompt', 'duration', 'quality', 'negative_prompt', 'seed', 'motion_mode'],
]
const RATIOS: Record<string, number> = {
  '16:9': 16 / 9,
  '4:3': 4 / 3,
  '1:1': 1,
  '3:4': 3 / 4,
  '9:16': 9 / 16,
}
/** Credits a second. That of 720p is documented, the others are less. */
const CREDITS: Record<string, number> = { '360p': 5, '540p': 7, '720p': 9 }
const [SUCCEEDED, WORKING, MODERATED, FAILED] = [1, 5, 7, 8]

interface Film {
  readyAt: number
  size: { width: number; height: number }
  seconds: number
  credits: number
  trouble: FakeCall['trouble']
  url?: string
}

type Body = Record<string, unknown>

/** PixVerse's own API: every answer is an envelope with a code, and comes with a status of 200. */
export default class FakePixVerse extends FakeVendor {
  readonly #films = new Map<string, Film>()
  readonly #images = new Set<number>()
  readonly #traces = new Set<string>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/openapi/v2/image/upload',
      step: 'prepare',
      answer: async (call) => {
        const form = await call.form()
        const [[name, file]] = form
        if (
          this.#isOld(call) ||
          form.length !== 1 ||
          name !== 'image' ||
          typeof file === 'string'
        ) {
          return refusal(400_017)
        }
        const id = this.next()
        this.#images.add(id)
        return resp({ img_id: id, img_url: `https://${HOST}/upload/${id}` })
      },
    },
    {
      method: 'POST',
      path: '/openapi/v2/video/text/generate',
      step: 'submit',
      answer: (call) => this.#accept(call, [...SHARED, 'aspect_ratio']),
    },
    {
      method: 'POST',
      path: '/openapi/v2/video/img/generate',
      step: 'submit',
      answer: (call) => this.#accept(call, [...SHARED, 'img_id']),
    },
    {
      method: 'GET',
      path: '/openapi/v2/video/result/:id',
      step: 'poll',
      answer: (call) => (this.#isOld(call) ? refusal(400_017) : this.#tell(call.params.id)),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return { status: 401, json: envelope(10_005) }
      case 'rate':
        return { status: 429, json: envelope(500_069) }
      case 'server':
        return { status: 503, json: envelope(99_999) }
      case 'not_found':
        return { status: 404, json: envelope(500_008) }
    }
  }

  /** Whether a request goes without a name of its own. */
  #isOld({ headers }: FakeCall): boolean {
    const trace = headers['ai-trace-id'] ?? ''
    if (!UUID.test(trace) || this.#traces.has(trace)) return true
    this.#traces.add(trace)
    return false
  }

  #accept(call: FakeCall, known: string[]): FakeAnswer {
    const body = call.json()
    if (this.#isOld(call) || this.#misfit(body, known)) return refusal(400_017)
    const { trouble, slowMs } = call
    const refused = REFUSALS[trouble ?? '']
    if (refused) return refused
    const { quality, aspect_ratio: ratio = '16:9', duration } = body as Record<string, string>
    const seconds = Number(duration)
    const credits = trouble === 'absurd' ? -3 : CREDITS[quality] * seconds
    const id = 315_000_000 + this.next()
    const size = sizeOf(Number.parseInt(quality, 10), RATIOS[ratio])
    const begun = { readyAt: Date.now() + slowMs, size, seconds, credits, trouble }
    this.#films.set(String(id), begun)
    return resp({ video_id: id, credits })
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const made = this.#films.get(id)
    if (!made) return refusal(500_008)
    const { readyAt, trouble, credits, size, seconds } = made
    const told = { id: Number(id), prompt: 'as it came', create_time: '2026-11-22T10:00:00Z' }
    if (Date.now() < readyAt) return resp({ ...told, status: WORKING, url: '' })
    if (trouble === 'withheld') return resp({ ...told, status: MODERATED, url: '' })
    if (trouble === 'failed') return resp({ ...told, status: FAILED, url: '' })
    if (made.url === undefined) {
      const kept = { bytes: await film(size, seconds), contentType: 'video/mp4' }
      made.url = this.keep(kept, { host: HOST, trouble })
    }
    const url = trouble === 'empty' ? '' : made.url
    return resp({ ...told, status: SUCCEEDED, url, credits })
  }

  #misfit(body: Body, known: string[]): boolean {
    const { model, prompt, duration, quality, seed = 0, aspect_ratio: ratio = '16:9' } = body
    const isLong = (text: unknown) => typeof text !== 'string' || text.length > 2048
    const { negative_prompt: without = 'x', img_id: image } = body
    const lengths = model === 'v6' ? Array.from({ length: 15 }, (_, n) => n + 1) : [5, 8]
    return (
      Object.keys(body).some((name) => !known.includes(name)) ||
      (model !== 'v5' && model !== 'v6') ||
      isLong(prompt) ||
      isLong(without) ||
      prompt === '' ||
      !(String(quality) in CREDITS) ||
      !lengths.includes(Number(duration)) ||
      !(String(ratio) in RATIOS) ||
      !Number.isInteger(seed) ||
      (known.includes('img_id') && !this.#images.has(Number(image)))
    )
  }
}

const REFUSALS: Record<string, FakeAnswer> = {
  balance: refusal(500_043),
  concurrency: refusal(500_044),
  auth: { status: 401, json: envelope(10_005) },
  invalid: refusal(400_017),
}

/** The shorter side is the quality's. Sides are even. */
function sizeOf(short: number, ratio: number) {
  const long = 2 * Math.round((short * Math.max(ratio, 1 / ratio)) / 2)
  return ratio >= 1 ? { width: long, height: short } : { width: short, height: long }
}

function envelope(code: number) {
  return { ErrCode: code, ErrMsg: `It was refused: ${code}.`, Resp: null }
}

function refusal(code: number): FakeAnswer {
  return { json: envelope(code) }
}

function resp(content: Body): FakeAnswer {
  return { json: { ErrCode: 0, ErrMsg: 'success', Resp: content } }
}
