import sharp from 'sharp'
import { readSize, type Size } from '#core/plugins/geometry'
import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { picture, type PictureFormat } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const HOST = 'img.recraft.ai'
const SIZES = [
  ...['1024x1024', '1365x1024', '1024x1365', '1536x1024', '1024x1536', '1280x1024', '1024x1280'],
  ...['2048x1024', '1024x2048'],
]
const GENERATION = [
  ...['prompt', 'model', 'style', 'substyle', 'style_id', 'n', 'size', 'response_format'],
  ...['negative_prompt', 'controls', 'text_layout'],
]
const CONTROLS = ['colors', 'background_color', 'artistic_level', 'no_text']
const TOOL = ['image', 'response_format', 'image_format']

interface Order {
  count: number
  /** Units for each. */
  units: number
  format: PictureFormat | 'svg'
  size: Size
}

/** Recraft's API, as it was documented on 2026-11-22. */
export default class FakeRecraft extends FakeVendor {
  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/images/generations',
      step: 'submit',
      answer: (call) => {
        const body = call.json()
        const problem = misfitOfGeneration(body)
        if (problem) return refusal(400, 'invalid_request', problem)
        const isVector = body.style === 'vector_illustration'
        const size = readSize(String(body.size))
        const order = { count: Number(body.n), size }
        return this.#make(call, {
          ...order,
          ...(isVector ? { units: 80, format: 'svg' } : { units: 40, format: 'webp' }),
        })
      },
    },
    this.#tool('variateImage', 40, 'webp', ['n', 'size', 'random_seed']),
    this.#tool('vectorize', 10, 'svg'),
    this.#tool('removeBackground', 10, 'png'),
    this.#tool('crispUpscale', 4, 'webp', [], 2),
    this.#tool('creativeUpscale', 250, 'webp', [], 2),
  ]

  /** Some of its errors are text, and no JSON. */
  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return text(401, 'Unauthorized')
      case 'rate':
        return refusal(429, 'rate_limit_exceeded', 'Too many requests')
      case 'server':
        return text(503, 'Service Unavailable')
      case 'not_found':
        return text(404, '404 page not found')
    }
  }

  #tool(
    name: string,
    units: number,
    format: Order['format'],
    more: string[] = [],
    scale = 1
  ): FakeRoute {
    return {
      method: 'POST',
      path: `/v1/images/${name}`,
      step: 'submit',
      answer: async (call) => {
        const form = Object.fromEntries(await call.form())
        const stranger = Object.keys(form).find((field) => ![...TOOL, ...more].includes(field))
        if (stranger) return refusal(400, 'invalid_request', `unknown field ${stranger}`)
        const { image, n = '1', size, image_format: wanted = format } = form
        if (image === undefined || typeof image === 'string') {
          return refusal(400, 'invalid_request', 'image is required')
        }
        if (more.includes('size') && !SIZES.includes(String(size))) {
          return refusal(400, 'invalid_request', 'size is none of the list')
        }
        const { width, height } = await sharp(image.bytes).metadata()
        const enlarged = { width: width * scale, height: height * scale }
        return this.#make(call, {
          ...{ count: Number(n), units, format: wanted as Order['format'] },
          size: size === undefined ? enlarged : readSize(String(size)),
        })
      },
    }
  }

  async #make(call: FakeCall, { count, units, format, size }: Order): Promise<FakeAnswer> {
    const refused = REFUSALS[call.trouble ?? '']
    if (refused) return refused
    await working(call)
    const { trouble, path } = call
    const many = trouble === 'empty' ? 0 : trouble === 'partial' ? count - 1 : count
    const made: object[] = []
    for (let n = 0; n < many; n++) {
      const bytes =
        format === 'svg' ? drawing(size, this.next()) : await picture(size, format, this.next())
      const contentType = format === 'svg' ? 'image/svg+xml' : `image/${format}`
      made.push({
        image_id: `img_${this.next()}`,
        url: this.keep({ bytes, contentType }, { host: HOST, trouble }),
      })
    }
    const credits = trouble === 'absurd' ? -40 : units * many
    const isList = /generations|variateImage/.test(path)
    return {
      json: {
        created: 1_764_000_000,
        credits,
        ...(isList ? { data: made } : { image: made[0] ?? null }),
      },
    }
  }
}

const REFUSALS: Record<string, FakeAnswer> = {
  moderation: refusal(400, 'prompt_moderation_failed', 'The prompt is not allowed'),
  balance: refusal(402, 'not_enough_credits', 'Not enough credits'),
  retired: text(404, 'model not found'),
  auth: text(401, 'Unauthorized'),
  invalid: refusal(400, 'invalid_request', 'Bad request'),
}

/** A drawing of one shape; each `shade` is another file. */
function drawing({ width, height }: Size, shade: number): Buffer {
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  const fill = `rgb(${shade % 256},90,${(shade >> 8) % 256})`
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" ${box}><path fill="${fill}" d="M0 0h9v9H0z"/></svg>`
  )
}

function misfitOfGeneration(body: Record<string, unknown>): string | null {
  const { prompt, model, style, n, size, controls = {} } = body
  const stranger = Object.keys(body).find((name) => !GENERATION.includes(name))
  if (stranger) return `unknown field ${stranger}`
  if (typeof prompt !== 'string' || prompt.length < 1 || prompt.length > 1000) return 'prompt'
  if (model !== 'recraftv3') return 'model'
  const styles = ['realistic_image', 'digital_illustration', 'vector_illustration']
  if (!styles.includes(String(style))) return 'style'
  if (!(Number(n) >= 1 && Number(n) <= 6)) return 'n: 1 to 6'
  if (!SIZES.includes(String(size))) return 'size is none of the list'
  const odd = Object.keys(controls as object).find((name) => !CONTROLS.includes(name))
  if (odd) return `unknown control ${odd}`
  const { colors = [], background_color: ground } = controls as {
    colors?: unknown[]
    background_color?: unknown
  }
  return [...colors, ...(ground === undefined ? [] : [ground])].every(isColour) ? null : 'colour'
}

function isColour(value: unknown): boolean {
  const { rgb } = value as { rgb: number[] }
  return rgb.length === 3 && rgb.every((part) => Number.isInteger(part) && part >= 0 && part < 256)
}

function refusal(status: number, code: string, message: string): FakeAnswer {
  return { status, json: { code, message } }
}

function text(status: number, words: string): FakeAnswer {
  return { status, bytes: Buffer.from(words), contentType: 'text/plain' }
}
