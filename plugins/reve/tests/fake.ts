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

const RATIOS = ['16:9', '9:16', '3:2', '2:3', '4:3', '3:4', '1:1']

interface Way {
  words: string
  pictures: string | null
  versions: string[]
  credits: number
}

const WAYS: Record<string, Way> = {
  create: {
    words: 'prompt',
    pictures: null,
    versions: ['latest', 'reve-create@20250915'],
    credits: 18,
  },
  edit: {
    words: 'edit_instruction',
    pictures: 'reference_image',
    versions: ['latest', 'latest-fast', 'reve-edit@20250915', 'reve-edit-fast@20251030'],
    credits: 30,
  },
  remix: {
    words: 'prompt',
    pictures: 'reference_images',
    versions: ['latest', 'latest-fast'],
    credits: 30,
  },
}

/** Reve's pictures, as clients knew them on 2026-11-22. */
export default class FakeReve extends FakeVendor {
  #balance = 100_000

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/image/:way',
      step: 'submit',
      answer: (call) => this.#make(call),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'INVALID_API_KEY')
      case 'rate':
        return refusal(429, 'RATE_LIMITED')
      case 'server':
        return refusal(503, 'UNAVAILABLE')
      case 'not_found':
        return refusal(404, 'NOT_FOUND')
    }
  }

  async #make(call: FakeCall): Promise<FakeAnswer> {
    const way = WAYS[call.params.way]
    if (!way) return this.complaint('not_found')
    const refused = troubleOf(call) ?? misfit(call.json(), way)
    if (refused) return refused
    await working(call)
    const { trouble } = call
    const isWithheld = trouble === 'withheld'
    const bytes = await picture({ width: 96, height: 64 }, 'png', this.next())
    const used = isWithheld ? 0 : trouble === 'absurd' ? -3 : way.credits
    this.#balance -= Math.max(0, used)
    return {
      json: {
        ...(!isWithheld && trouble !== 'empty' && { image: this.made(bytes).toString('base64') }),
        version: 'reve-create@20250915',
        content_violation: isWithheld,
        request_id: `rsid-${this.next()}`,
        credits_used: used,
        credits_remaining: this.#balance,
      },
    }
  }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'balance':
      return refusal(402, 'INSUFFICIENT_CREDITS')
    case 'auth':
      return refusal(401, 'INVALID_API_KEY')
    case 'retired':
      return refusal(404, 'NOT_FOUND')
    case 'invalid':
      return refusal(422, 'UNPROCESSABLE')
    default:
      return null
  }
}

function misfit(
  body: Record<string, unknown>,
  { words, pictures, versions }: Way
): FakeAnswer | null {
  const known = [words, pictures, 'aspect_ratio', 'version']
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  const files = pictures ? [body[pictures]].flat() : []
  const isWhole =
    !stranger &&
    typeof body[words] === 'string' &&
    versions.includes(String(body.version)) &&
    (body.aspect_ratio === undefined || RATIOS.includes(String(body.aspect_ratio))) &&
    (!pictures || (files.length >= 1 && files.length <= 6)) &&
    files.every((file) => typeof file === 'string' && /^[\w+/]{16,}=*$/.test(file))
  return isWhole ? null : refusal(400, 'BAD_REQUEST')
}

function refusal(status: number, code: string): FakeAnswer {
  return { status, json: { error_code: code, message: 'It was refused.' } }
}
