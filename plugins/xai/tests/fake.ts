import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

/** Ticks of a picture: a dollar has ten thousand million. */
const TICKS: Record<string, Record<string, number>> = {
  'grok-imagine-image': { '1k': 200_000_000, '2k': 200_000_000 },
  'grok-imagine-image-quality': { '1k': 500_000_000, '2k': 700_000_000 },
}
const FIELDS = ['model', 'prompt', 'n', 'response_format', 'aspect_ratio', 'resolution', 'user']
const RATIOS = ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2']

/** xAI's pictures, as they were documented on 2026-11-22. */
export default class FakeXai extends FakeVendor {
  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/images/generations',
      step: 'submit',
      answer: (call) => this.#make(call, FIELDS),
    },
    {
      method: 'POST',
      path: '/v1/images/edits',
      step: 'submit',
      answer: (call) => this.#make(call, [...FIELDS, 'image', 'images']),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return plainly(400, 'invalid-argument', 'Incorrect API key provided: xa***9.')
      case 'rate':
        return plainly(429, 'resource-exhausted', 'Too many requests for this team.')
      case 'server':
        return plainly(503, 'unavailable', 'The service is overloaded.')
      case 'not_found':
        return plainly(404, 'not-found', 'There is nothing here.')
    }
  }

  async #make(call: FakeCall, known: string[]): Promise<FakeAnswer> {
    const body = call.json()
    const refused = troubleOf(call) ?? misfit(body, known)
    if (refused) return refused
    await working(call)
    const { trouble } = call
    const wanted = Number(body.n ?? 1)
    const withheld = trouble === 'withheld' ? wanted : trouble === 'partial' ? 1 : 0
    const items = await Promise.all(
      Array.from({ length: trouble === 'empty' ? 0 : wanted }, async (_, n) => {
        if (n >= wanted - withheld) return { b64_json: '', respect_moderation: false }
        const bytes = this.made(await picture({ width: 64, height: 64 }, 'jpeg', this.next()))
        return {
          b64_json: bytes.toString('base64'),
          revised_prompt: body.prompt,
          respect_moderation: true,
        }
      })
    )
    const each = TICKS[String(body.model)][String(body.resolution ?? '1k')]
    // What is withheld alone is billed, and what is withheld beside others is not.
    const billed = trouble === 'withheld' ? wanted : wanted - withheld
    const ticks = trouble === 'absurd' ? -7 : each * billed
    return {
      headers: { 'x-request-id': `request_${this.next()}` },
      json: { data: items, usage: { cost_in_usd_ticks: ticks } },
    }
  }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'moderation':
      return likeOpenAi(400, 'content_policy_violation')
    case 'balance':
      return plainly(403, 'permission-denied', 'The team has used all available credits.')
    case 'auth':
      return likeOpenAi(401, 'invalid_api_key')
    case 'retired':
      return likeOpenAi(404, 'model_not_found')
    case 'invalid':
      return plainly(400, 'invalid-argument', 'Argument not supported: size')
    default:
      return null
  }
}

function misfit(body: Record<string, unknown>, known: string[]): FakeAnswer | null {
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  if (stranger) return plainly(400, 'invalid-argument', `Argument not supported: ${stranger}`)
  if (!TICKS[String(body.model)]) return likeOpenAi(404, 'model_not_found')
  const { prompt, n = 1, aspect_ratio: ratio, resolution = '1k', image, images } = body
  const files = [image, ...((images as unknown[] | undefined) ?? [])].filter(Boolean)
  const isWhole =
    typeof prompt === 'string' &&
    Number(n) >= 1 &&
    Number(n) <= 10 &&
    (ratio === undefined || RATIOS.includes(String(ratio))) &&
    ['1k', '2k'].includes(String(resolution)) &&
    body.response_format === 'b64_json' &&
    (known.includes('image') ? files.length > 0 : files.length === 0) &&
    files.every(isDataUrl)
  return isWhole ? null : plainly(400, 'invalid-argument', 'It does not fit.')
}

function isDataUrl(file: unknown): boolean {
  const { url, type } = file as { url?: string; type?: string }
  return type === 'image_url' && /^data:image\/\w+;base64,[\w/+]/.test(url ?? '')
}

function likeOpenAi(status: number, code: string): FakeAnswer {
  return { status, json: { error: { message: 'It was refused.', type: code, param: null, code } } }
}

/** The other form, which the same address uses as well. */
function plainly(status: number, code: string, error: string): FakeAnswer {
  return { status, json: { code, error } }
}
