import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { VendorCallback } from '#core/plugins/model_provider'
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
const ANIMATOR = '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa'
/** Of the webhooks that this fake signs. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of this fake alone').toString('base64')}`

interface Prediction {
  id: string
  input: Record<string, unknown>
  isFilm: boolean
  readyAt: number
  trouble: FakeCall['trouble']
  isCanceled: boolean
  output?: unknown
}

/** Replicate's predictions, with two models of its own: a painter, and an animator of one version. */
export default class FakeReplicate extends FakeVendor {
  readonly #predictions = new Map<string, Prediction>()

  constructor() {
    super(plugin)
    this.secrets.REPLICATE_MODELS = OFFERS
    this.secrets.REPLICATE_WEBHOOK_SECRET = WEBHOOK_SECRET
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/models/:owner/:name/predictions',
      step: 'submit',
      answer: (call) => {
        const { owner, name } = call.params
        if (`${owner}/${name}` !== 'acme/painter') return this.complaint('not_found')
        return this.#accept(call, misfitOfPainter, ['input'])
      },
    },
    {
      method: 'POST',
      path: '/v1/predictions',
      step: 'submit',
      answer: (call) => {
        if (call.json().version !== ANIMATOR) return refusal(422, 'Invalid version')
        return this.#accept(call, misfitOfAnimator, ['version', 'input'])
      },
    },
    {
      method: 'GET',
      path: '/v1/predictions/:id',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
    {
      method: 'POST',
      path: '/v1/predictions/:id/cancel',
      step: 'cancel',
      answer: ({ params }) => {
        const prediction = this.#predictions.get(params.id)
        if (!prediction) return this.complaint('not_found')
        prediction.isCanceled = true
        return this.#tell(params.id)
      },
    },
  ]

  /** What Replicate posts when a prediction is over, signed as Standard Webhooks says. */
  callback(body: string, at: Date): VendorCallback {
    const [id, time] = [`msg_${this.next()}`, String(Math.floor(at.getTime() / 1000))]
    const key = Buffer.from(WEBHOOK_SECRET.replace('whsec_', ''), 'base64')
    const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': time,
      'webhook-signature': `v1,${signature}`,
    }
    return { headers, query: {}, body: Buffer.from(body) }
  }

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'You did not pass a valid authentication token')
      case 'rate':
        return refusal(429, 'Request was throttled. Your rate limit resets in ~30s.')
      case 'server':
        return refusal(503, 'Service unavailable')
      case 'not_found':
        return refusal(404, 'The requested resource could not be found.')
    }
  }

  #accept(
    { json, trouble, slowMs }: FakeCall,
    misfitOf: (input: Record<string, unknown>) => string | null,
    known: string[]
  ): FakeAnswer | Promise<FakeAnswer> {
    const body = json()
    const all = [...known, 'webhook', 'webhook_events_filter']
    const stranger = Object.keys(body).find((name) => !all.includes(name))
    const input = body.input as Record<string, unknown>
    const misfit = stranger ?? misfitOf(input)
    if (misfit) return refusal(422, `- input.${misfit}: is wrong`)
    switch (trouble) {
      case 'auth':
        return this.complaint('auth')
      case 'balance':
        return refusal(402, 'You have insufficient credit to run this model.')
      case 'invalid':
        return refusal(422, '- input: is wrong')
      case 'retired':
        return this.complaint('not_found')
    }
    const id = `prediction-${this.next()}`
    const isFilm = 'duration' in input
    const readyAt = Date.now() + slowMs
    this.#predictions.set(id, { id, input, isFilm, readyAt, trouble, isCanceled: false })
    return { status: 201, json: { id, status: 'starting', output: null, urls: urlsOf(id) } }
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const prediction = this.#predictions.get(id)
    if (!prediction) return this.complaint('not_found')
    const { input, trouble, readyAt, isCanceled } = prediction
    const told = { id, input, output: null, error: null, logs: '', urls: urlsOf(id) }
    if (isCanceled) return { json: { ...told, status: 'canceled', metrics: { predict_time: 0.2 } } }
    const waits = readyAt - Date.now()
    if (waits > 0) return { json: { ...told, status: waits > 150 ? 'starting' : 'processing' } }
    const predictTime = trouble === 'absurd' ? -5 : 42.5
    const metrics = { predict_time: predictTime, total_time: predictTime + 2 }
    const error = FAILURES[trouble ?? '']
    if (error) return { json: { ...told, status: 'failed', error, metrics } }
    prediction.output ??= await this.#make(prediction)
    return { json: { ...told, status: 'succeeded', output: prediction.output, metrics } }
  }

  async #make({ input, isFilm, trouble }: Prediction): Promise<unknown> {
    const place = { host: 'pbxt.replicate.delivery', trouble }
    if (trouble === 'empty') return []
    if (isFilm) {
      const bytes = await film({ width: 320, height: 180 }, Number(input.duration))
      return this.keep({ bytes, contentType: 'video/mp4' }, place)
    }
    const count = Number(input.num_outputs ?? 1) - (trouble === 'partial' ? 1 : 0)
    const links: string[] = []
    for (let n = 0; n < count; n++) {
      const bytes = await picture({ width: 64, height: 64 }, 'webp', this.next())
      links.push(this.keep({ bytes, contentType: 'image/webp' }, place))
    }
    return links
  }
}

const FAILURES: Record<string, string> = {
  failed: 'CUDA out of memory',
  withheld: 'NSFW content detected. Try running it again, or try a different prompt.',
}

function misfitOfPainter(input: Record<string, unknown>): string | null {
  const { prompt, num_outputs: count = 1, image, styles = [], ...strangers } = input
  if (Object.keys(strangers).length > 0) return Object.keys(strangers)[0]
  if (typeof prompt !== 'string' || prompt === '') return 'prompt'
  if (!(Number(count) >= 1 && Number(count) <= 4)) return 'num_outputs'
  if (image !== undefined && !/^data:image\/png;base64,/.test(String(image))) return 'image'
  return (styles as string[]).every((url) => /^https:/.test(url)) ? null : 'styles'
}

function misfitOfAnimator(input: Record<string, unknown>): string | null {
  const { prompt, duration, ...strangers } = input
  if (Object.keys(strangers).length > 0) return Object.keys(strangers)[0]
  if (typeof prompt !== 'string' || prompt === '') return 'prompt'
  return duration === '5' || duration === '10' ? null : 'duration'
}

function urlsOf(id: string) {
  const get = `https://api.replicate.com/v1/predictions/${id}`
  return { get, cancel: `${get}/cancel` }
}

function refusal(status: number, detail: string): FakeAnswer {
  return { status, json: { title: 'Refused', detail, status } }
}
