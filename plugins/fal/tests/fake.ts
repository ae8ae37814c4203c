import { fileURLToPath } from 'node:url'
import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film, picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

/** What an operator offers here. */
export const OFFERS = fileURLToPath(new URL('models.json', import.meta.url))

interface Request {
  id: string
  input: Record<string, unknown>
  readyAt: number
  trouble: FakeCall['trouble']
  isCanceled: boolean
  result?: unknown
}

/** fal's queue, with two models of its own: a painter and an animator. */
export default class FakeFal extends FakeVendor {
  readonly #requests = new Map<string, Request>()

  constructor() {
    super(plugin)
    this.secrets.FAL_MODELS = OFFERS
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/fal-ai/painter',
      step: 'submit',
      answer: (call) => this.#accept(call, 'painter', misfitOfPainter(call.json())),
    },
    {
      method: 'POST',
      path: '/fal-ai/animator/image-to-video',
      step: 'submit',
      answer: (call) => this.#accept(call, 'animator', misfitOfAnimator(call.json())),
    },
    {
      method: 'GET',
      path: '/fal-ai/:app/requests/:id/status',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
    {
      method: 'GET',
      path: '/fal-ai/:app/requests/:id',
      step: 'poll',
      answer: ({ params }) => this.#result(params.id),
    },
    {
      method: 'PUT',
      path: '/fal-ai/:app/requests/:id/cancel',
      step: 'cancel',
      answer: ({ params }) => {
        const request = this.#requests.get(params.id)
        if (!request) return this.complaint('not_found')
        request.isCanceled = true
        return { status: 202, json: { status: 'CANCELLATION_REQUESTED' } }
      },
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'Authentication is required to access this application')
      case 'rate':
        return refusal(429, 'Too many requests')
      case 'server':
        return refusal(503, 'Service unavailable')
      case 'not_found':
        return refusal(404, 'Not found')
    }
  }

  #accept({ json, trouble, slowMs }: FakeCall, app: string, misfit: string | null): FakeAnswer {
    if (misfit) return { status: 422, json: detailOf('value_error', ['body', misfit]) }
    switch (trouble) {
      case 'auth':
        return this.complaint('auth')
      case 'balance':
        return refusal(403, 'User is locked. Reason: Exhausted balance.')
      case 'retired':
        return refusal(404, 'Application not found')
    }
    const id = `request-${this.next()}`
    const readyAt = Date.now() + slowMs
    this.#requests.set(id, { id, input: json(), readyAt, trouble, isCanceled: false })
    const url = `https://queue.fal.run/fal-ai/${app}/requests/${id}`
    const urls = { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` }
    return { json: { status: 'IN_QUEUE', request_id: id, queue_position: 0, ...urls } }
  }

  /** Whatever it comes to, it is COMPLETED. */
  #tell(id: string): FakeAnswer {
    const request = this.#requests.get(id)
    if (!request || request.isCanceled) return this.complaint('not_found')
    const waits = request.readyAt - Date.now()
    if (waits > 150) return { json: { status: 'IN_QUEUE', request_id: id, queue_position: 1 } }
    if (waits > 0) return { json: { status: 'IN_PROGRESS', request_id: id } }
    const metrics = { inference_time: request.trouble === 'absurd' ? 'many' : 3.5 }
    return { json: { status: 'COMPLETED', request_id: id, metrics } }
  }

  async #result(id: string): Promise<FakeAnswer> {
    const request = this.#requests.get(id)
    if (!request) return this.complaint('not_found')
    switch (request.trouble) {
      case 'moderation':
        return { status: 422, json: detailOf('content_policy_violation', ['body', 'prompt']) }
      case 'invalid':
        return { status: 422, json: detailOf('image_too_small', ['body', 'image_url']) }
      case 'failed':
        return {
          ...refusal(500, 'Internal server error'),
          headers: { 'x-fal-error-type': 'internal_error', 'x-fal-retryable': 'true' },
        }
    }
    request.result ??= await this.#make(request)
    return { json: request.result }
  }

  async #make({ input, trouble }: Request): Promise<unknown> {
    const place = { host: 'v3.fal.media', trouble }
    if ('duration' in input) {
      if (trouble === 'empty') return { video: null }
      if (trouble === 'withheld') return { has_nsfw_concepts: [true] }
      const bytes = await film({ width: 320, height: 180 }, Number(input.duration))
      const file = { bytes, contentType: 'video/mp4' }
      return { video: { url: this.keep(file, place), content_type: 'video/mp4' }, seed: 7 }
    }
    const wanted = trouble === 'empty' ? 0 : Number(input.num_images ?? 1)
    const images: unknown[] = []
    for (let n = 0; n < wanted; n++) {
      const bytes = await picture({ width: 64, height: 48 }, 'jpeg', this.next())
      const url = this.keep({ bytes, contentType: 'image/jpeg' }, place)
      images.push({ url, width: 64, height: 48, content_type: 'image/jpeg' })
    }
    const unsafe = (n: number) => trouble === 'withheld' || (trouble === 'partial' && n === 0)
    return { images, seed: 7, has_nsfw_concepts: images.map((_, n) => unsafe(n)) }
  }
}

function misfitOfPainter(input: Record<string, unknown>): string | null {
  const { prompt, num_images: count = 1, image_urls: images = [], ...strangers } = input
  if (Object.keys(strangers).length > 0) return Object.keys(strangers)[0]
  if (typeof prompt !== 'string' || prompt === '') return 'prompt'
  if (!(Number(count) >= 1 && Number(count) <= 4)) return 'num_images'
  const isTaken = (url: unknown) => /^data:image\/png;base64,/.test(String(url))
  return (images as unknown[]).every(isTaken) ? null : 'image_urls'
}

function misfitOfAnimator(input: Record<string, unknown>): string | null {
  const { prompt, image_url: image, duration, ...strangers } = input
  if (Object.keys(strangers).length > 0) return Object.keys(strangers)[0]
  if (typeof prompt !== 'string' || prompt === '') return 'prompt'
  if (!/^https:/.test(String(image))) return 'image_url'
  return duration === '5' || duration === '8' ? null : 'duration'
}

function detailOf(type: string, loc: string[]) {
  return { detail: [{ loc, msg: 'It was refused.', type }] }
}

function refusal(status: number, detail: string): FakeAnswer {
  return { status, json: { detail } }
}
