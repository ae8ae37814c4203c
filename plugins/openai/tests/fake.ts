import { readSize } from '#core/plugins/geometry'
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

const MODELS = plugin.models.filter(({ lifecycle }) => lifecycle.state !== 'retired')
const TOKENS: Record<string, number> = { low: 272, medium: 1056, high: 4160 }
const SQUARE = 1024 * 1024

/** What each endpoint takes, as its documentation lists it. Whatever else comes is refused. */
const GENERATION = [
  ...['model', 'prompt', 'n', 'size', 'quality', 'background', 'moderation'],
  ...['output_format', 'output_compression', 'user'],
]
const EDIT = [
  ...['model', 'prompt', 'n', 'size', 'quality', 'background', 'input_fidelity'],
  ...['output_format', 'output_compression', 'user', 'image[]', 'mask'],
]

/** OpenAI's images, as they were documented on 2026-11-22. */
export default class FakeOpenAi extends FakeVendor {
  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/images/generations',
      step: 'submit',
      answer: (call) => this.#make(call, call.json(), GENERATION, 0),
    },
    {
      method: 'POST',
      path: '/v1/images/edits',
      step: 'submit',
      answer: async (call) => {
        const form = await call.form()
        const images = form.filter(([name]) => name === 'image[]').length
        if (images === 0 || images > 16) return refusal(400, 'invalid_value', 'image')
        return this.#make(call, Object.fromEntries(form), EDIT, images)
      },
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'invalid_api_key')
      case 'rate':
        return refusal(429, 'rate_limit_exceeded')
      case 'server':
        return refusal(503, 'server_error')
      case 'not_found':
        return refusal(404, 'unknown_url')
    }
  }

  async #make(
    call: FakeCall,
    body: Record<string, unknown>,
    known: string[],
    images: number
  ): Promise<FakeAnswer> {
    const refused = troubleOf(call) ?? misfit(body, known)
    if (refused) return refused
    await working(call)
    const size = readSize(String(body.size ?? '1024x1024'))
    const wanted = Number(body.n ?? 1)
    const { trouble } = call
    const count = trouble === 'empty' ? 0 : trouble === 'partial' ? wanted - 1 : wanted
    const format = (body.output_format ?? 'png') as PictureFormat
    const pictures = await Promise.all(
      Array.from({ length: count }, () => picture(size, format, this.next()))
    )
    const area = (size.width * size.height) / SQUARE
    const each = Math.ceil(TOKENS[String(body.quality ?? 'high')] * area)
    return {
      headers: { 'x-request-id': `req_${this.next()}` },
      json: {
        created: 1_764_000_000,
        size: `${size.width}x${size.height}`,
        quality: body.quality,
        background: body.background,
        output_format: format,
        data: pictures.map((bytes) => ({ b64_json: this.made(bytes).toString('base64') })),
        usage: trouble === 'absurd' ? ABSURD : usageOf(String(body.prompt), images, each * count),
      },
    }
  }
}

/** What no bill can be made of. */
const ABSURD = { input_tokens: -5, output_tokens: 'many', input_tokens_details: null }

function usageOf(prompt: string, images: number, output: number) {
  const text = Math.ceil(prompt.length / 4)
  return {
    input_tokens: text + images * 323,
    input_tokens_details: { text_tokens: text, image_tokens: images * 323 },
    output_tokens: output,
    output_tokens_details: { image_tokens: output, text_tokens: 0 },
    total_tokens: text + images * 323 + output,
  }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'moderation':
      return refusal(400, 'moderation_blocked', null, 'safety_violations=[violence]')
    case 'balance':
      return refusal(429, 'insufficient_quota')
    case 'auth':
      return refusal(401, 'invalid_api_key')
    case 'retired':
      return refusal(404, 'model_not_found', 'model')
    case 'invalid':
      return refusal(400, 'invalid_value', 'size')
    default:
      return null
  }
}

function misfit(body: Record<string, unknown>, known: string[]): FakeAnswer | null {
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  if (stranger) return refusal(400, 'unknown_parameter', stranger)
  if (!MODELS.some(({ id }) => id === body.model)) return refusal(404, 'model_not_found', 'model')
  const { prompt, n = 1, output_format: format, output_compression: compression } = body
  if (typeof prompt !== 'string' || prompt.length > 32_000)
    return refusal(400, 'invalid_value', 'prompt')
  if (!(Number(n) >= 1 && Number(n) <= 10)) return refusal(400, 'invalid_value', 'n')
  if (compression !== undefined && (format ?? 'png') === 'png') {
    return refusal(400, 'invalid_value', 'output_compression')
  }
  const { width, height } = readSize(String(body.size ?? '1024x1024'))
  const isWhole = width % 16 === 0 && height % 16 === 0 && width * height <= 3840 * 2160
  return isWhole ? null : refusal(400, 'invalid_value', 'size')
}

function refusal(
  status: number,
  code: string,
  param: string | null = null,
  message = `It was refused: ${code}.`
): FakeAnswer {
  return { status, json: { error: { message, type: 'invalid_request_error', param, code } } }
}
