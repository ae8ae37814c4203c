import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
  type FormFile,
} from '#tests/fakes/vendor/fake_vendor'
import { picture, type PictureFormat } from '#tests/fakes/vendor/media'
import type { Trouble } from '#tests/fakes/vendor/troubles'
import plugin from '../plugin.js'

const WORDS = ['prompt', 'negative_prompt', 'seed', 'output_format']
const START = ['image', 'strength', 'aspect_ratio']

/** What each address takes. Whatever else comes is refused. */
const FIELDS: Record<string, string[]> = {
  'generate/ultra': [...WORDS, ...START],
  'generate/core': [...WORDS, 'aspect_ratio', 'style_preset'],
  'generate/sd3': [...WORDS, ...START, 'model', 'mode', 'cfg_scale'],
  'upscale/fast': ['image', 'output_format'],
  'upscale/conservative': [...WORDS, 'image', 'creativity'],
  'upscale/creative': [...WORDS, 'image', 'creativity'],
}
const RATIOS = ['16:9', '1:1', '21:9', '2:3', '3:2', '4:5', '5:4', '9:16', '9:21']

interface Work {
  readyAt: number
  trouble: Trouble | null
  format: PictureFormat
  bytes: Buffer | null
}

/** Stability's pictures, as clients knew them on 2026-11-22. */
export default class FakeStability extends FakeVendor {
  readonly #works = new Map<string, Work>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v2beta/stable-image/:area/:name',
      step: 'submit',
      answer: (call) => this.#take(call),
    },
    {
      method: 'GET',
      path: '/v2beta/results/:id',
      step: 'poll',
      answer: ({ params }) => this.#result(params.id),
    },
    {
      method: 'GET',
      path: '/v1/user/balance',
      step: 'prepare',
      answer: () => ({ json: { credits: 996.5 } }),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'unauthorized')
      case 'rate':
        return refusal(429, 'rate_limit_exceeded')
      case 'server':
        return refusal(503, 'service_unavailable')
      case 'not_found':
        return refusal(404, 'not_found')
    }
  }

  async #take(call: FakeCall): Promise<FakeAnswer> {
    const path = `${call.params.area}/${call.params.name}`
    const known = FIELDS[path]
    const isMultipart = call.headers['content-type']?.startsWith('multipart/form-data')
    if (!known || !isMultipart) return this.complaint('not_found')
    if (call.headers.accept !== 'application/json') return refusal(400, 'bad_request')
    const form = Object.fromEntries(await call.form())
    const refused = troubleOf(call) ?? misfit(form, known)
    if (refused) return refused
    const format = (form.output_format ?? 'png') as PictureFormat
    if (path !== 'upscale/creative') {
      await working(call)
      return this.#picture(call.trouble, format)
    }
    const id = `${this.next()}`.padStart(64, '0')
    const { trouble, slowMs } = call
    this.#works.set(id, { readyAt: Date.now() + slowMs, trouble, format, bytes: null })
    return { json: { id } }
  }

  async #result(id: string): Promise<FakeAnswer> {
    const work = this.#works.get(id)
    if (!work) return this.complaint('not_found')
    if (Date.now() < work.readyAt) return { status: 202, json: { id, status: 'in-progress' } }
    const answer = await this.#picture(work.trouble, work.format, work.bytes)
    const { image, ...rest } = answer.json as { image?: string }
    if (image) work.bytes = Buffer.from(image, 'base64')
    return { json: { ...rest, result: image } }
  }

  async #picture(
    trouble: Trouble | null,
    format: PictureFormat,
    kept: Buffer | null = null
  ): Promise<FakeAnswer> {
    if (trouble === 'empty') return { json: { finish_reason: 'SUCCESS', seed: 7 } }
    const bytes = kept ?? (await picture({ width: 64, height: 64 }, format, this.next()))
    const isFiltered = trouble === 'withheld'
    return {
      json: {
        image: (isFiltered ? bytes : this.made(bytes)).toString('base64'),
        finish_reason: isFiltered ? 'CONTENT_FILTERED' : 'SUCCESS',
        seed: trouble === 'absurd' ? 'many' : 7,
      },
    }
  }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'moderation':
      return refusal(403, 'content_moderation')
    case 'balance':
      return refusal(402, 'payment_required')
    case 'auth':
      return refusal(403, 'forbidden')
    case 'retired':
      return refusal(404, 'not_found')
    case 'invalid':
      return refusal(422, 'invalid_language')
    default:
      return null
  }
}

function misfit(form: Record<string, string | FormFile>, known: string[]): FakeAnswer | null {
  const stranger = Object.keys(form).find((name) => !known.includes(name))
  if (stranger) return refusal(400, 'bad_request')
  const { prompt, image, strength, aspect_ratio: ratio, seed = '0', model, mode } = form
  const { creativity = '0.3', cfg_scale: scale = '4' } = form
  const hasImage = typeof image === 'object' && image.contentType.startsWith('image/')
  const isSd3 = known.includes('model')
  const isWhole =
    (!known.includes('prompt') || typeof prompt === 'string') &&
    (known.includes('strength') || !known.includes('image') || hasImage) &&
    (!known.includes('strength') || hasImage === (strength !== undefined)) &&
    (ratio === undefined || RATIOS.includes(String(ratio))) &&
    isWithin(seed, 0, 4_294_967_294) &&
    isWithin(strength ?? '0', 0, 1) &&
    isWithin(creativity, 0.1, 0.5) &&
    isWithin(scale, 1, 10) &&
    (!isSd3 || model === 'sd3.5-large') &&
    (!isSd3 || mode === (hasImage ? 'image-to-image' : 'text-to-image')) &&
    !(isSd3 && hasImage && ratio !== undefined)
  return isWhole ? null : refusal(400, 'bad_request')
}

function isWithin(text: string | FormFile, low: number, high: number): boolean {
  return Number(text) >= low && Number(text) <= high
}

function refusal(status: number, name: string): FakeAnswer {
  return { status, json: { id: 'a1b2c3', name, errors: ['It was refused.'] } }
}
