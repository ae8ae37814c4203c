import { readSize } from '#core/plugins/geometry'
import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film, picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const HOST = 'ark-content-generation-ap-southeast-1.tos-ap-southeast-1.volces.com'
const DATA = /^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/
const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9']
/** Of each ratio, by resolution. */
const SIZES: Record<string, string[]> = {
  '480p': ['864x480', '736x544', '640x640', '544x736', '480x864', '960x416'],
  '720p': ['1248x704', '1120x832', '960x960', '832x1120', '704x1248', '1504x640'],
  '1080p': ['1920x1088', '1664x1248', '1440x1440', '1248x1664', '1088x1920', '2176x928'],
}
const PICTURES: Record<string, string[]> = {
  'seedream-4-0-250828': ['1K', '2K', '4K', '2048x2048'],
  'seedream-4-5-251128': ['2K', '4K', '2048x2048'],
}
const PICTURE = [
  ...['model', 'prompt', 'image', 'size', 'response_format', 'watermark'],
  ...['sequential_image_generation', 'sequential_image_generation_options'],
  'optimize_prompt_options',
]
const FILM = [
  ...['model', 'content', 'ratio', 'resolution', 'duration', 'seed', 'watermark'],
  ...['camera_fixed', 'return_last_frame', 'service_tier'],
]

interface Task {
  readyAt: number
  size: string
  seconds: number
  trouble: FakeCall['trouble']
  isCancelled: boolean
  url?: string
}

type Body = Record<string, unknown>

/** ModelArk, as the types of `@ai-sdk/bytedance` 1.0.29 and its documentation describe it. */
export default class FakeBytePlus extends FakeVendor {
  readonly #tasks = new Map<string, Task>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/api/v3/images/generations',
      step: 'submit',
      answer: (call) => this.#draw(call),
    },
    {
      method: 'POST',
      path: '/api/v3/contents/generations/tasks',
      step: 'submit',
      answer: (call) => this.#accept(call),
    },
    {
      method: 'GET',
      path: '/api/v3/contents/generations/tasks/:id',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
    {
      method: 'DELETE',
      path: '/api/v3/contents/generations/tasks/:id',
      step: 'cancel',
      answer: ({ params }) => {
        const task = this.#tasks.get(params.id)
        if (!task) return this.complaint('not_found')
        if (stateOf(task) === 'running') return refusal(409, 'InvalidAction.RunningTaskDeletion')
        task.isCancelled = true
        return { json: {} }
      },
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'AuthenticationError')
      case 'rate':
        return refusal(429, 'RateLimitExceeded.EndpointRPMExceeded')
      case 'server':
        return refusal(503, 'InternalServiceError')
      case 'not_found':
        return refusal(404, 'NotFound')
    }
  }

  async #draw(call: FakeCall): Promise<FakeAnswer> {
    const body = call.json()
    const problem = misfitOfPicture(body)
    if (problem) return refusal(400, 'InvalidParameter', problem)
    const { trouble } = call
    const refused = REFUSALS[trouble ?? '']
    if (refused) return refused
    await working(call)
    const { max_images: most = 1 } = (body.sequential_image_generation_options ?? {}) as Body
    const wanted = trouble === 'empty' ? 0 : Number(most)
    const data: object[] = []
    for (let n = 0; n < wanted; n++) {
      const isRefused = trouble === 'withheld' || (trouble === 'partial' && n === 0)
      const code = isRefused ? 'OutputImageSensitiveContentDetected' : 'InternalServiceError'
      if (isRefused || trouble === 'failed') {
        data.push({ error: { code, message: `It was refused: ${code}.` } })
        continue
      }
      const bytes = await picture({ width: 64, height: 64 }, 'jpeg', this.next())
      const url = this.keep({ bytes, contentType: 'image/jpeg' }, { host: HOST, trouble })
      data.push({ url, size: '2048x2048' })
    }
    const made = data.filter((item) => 'url' in item).length
    const usage = { generated_images: made, output_tokens: made * 16_384 }
    return { json: { model: body.model, created: 1_764_000_000, data, usage } }
  }

  #accept({ trouble, slowMs, json }: FakeCall): FakeAnswer {
    const body = json()
    const problem = misfitOfFilm(body)
    if (problem) return refusal(400, 'InvalidParameter', problem)
    const refused = REFUSALS[trouble ?? '']
    if (refused) return refused
    const { resolution, ratio, duration } = body as Record<string, string>
    const id = `cgt-${this.next()}`
    this.#tasks.set(id, {
      readyAt: Date.now() + slowMs,
      size: SIZES[resolution][RATIOS.indexOf(ratio)],
      seconds: Number(duration),
      trouble,
      isCancelled: false,
    })
    return { json: { id } }
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const task = this.#tasks.get(id)
    if (!task) return this.complaint('not_found')
    const status = stateOf(task)
    const told = { id, model: 'seedance-1-0-pro-250528', status }
    const { trouble, size, seconds } = task
    if (status === 'failed') {
      const code =
        trouble === 'failed' ? 'InternalServiceError' : 'OutputVideoSensitiveContentDetected'
      return { json: { ...told, error: { code, message: 'It failed.' } } }
    }
    if (status !== 'succeeded') return { json: told }
    task.url ??= await this.#film(task)
    const { width, height } = readSize(size)
    const tokens = Math.ceil((width * height * 24 * seconds) / 1024)
    const usage = { completion_tokens: tokens, total_tokens: tokens }
    return {
      json: {
        ...told,
        content: trouble === 'empty' ? {} : { video_url: task.url },
        usage: trouble === 'absurd' ? ABSURD : usage,
        framespersecond: 24,
      },
    }
  }

  async #film({ size, seconds, trouble }: Task): Promise<string> {
    const bytes = await film(readSize(size), seconds)
    return this.keep({ bytes, contentType: 'video/mp4' }, { host: HOST, trouble })
  }
}

/** What no bill can be made of. */
const ABSURD = { completion_tokens: -1, total_tokens: 'many' }

const REFUSALS: Record<string, FakeAnswer> = {
  moderation: refusal(400, 'InputTextSensitiveContentDetected'),
  balance: refusal(403, 'AccountOverdueError'),
  daily: refusal(429, 'QuotaExceeded'),
  auth: refusal(401, 'AuthenticationError'),
  retired: refusal(404, 'InvalidEndpointOrModel.NotFound'),
  invalid: refusal(400, 'InvalidParameter'),
}

function stateOf({ isCancelled, readyAt, trouble }: Task) {
  if (isCancelled) return 'cancelled'
  const waits = readyAt - Date.now()
  if (waits > 0) return waits > 150 ? 'queued' : 'running'
  return trouble === 'failed' || trouble === 'withheld' ? 'failed' : 'succeeded'
}

function misfitOfPicture(body: Body): string | null {
  const stranger = Object.keys(body).find((name) => !PICTURE.includes(name))
  if (stranger) return `${stranger} is unknown`
  const sizes = PICTURES[String(body.model)]
  if (!sizes) return 'model is unknown'
  if (!sizes.includes(String(body.size))) return 'size'
  if (!isPrompt(body.prompt)) return 'prompt'
  const image = (body.image ?? []) as string[]
  if (image.length > 10 || !image.every((uri) => DATA.test(uri))) return 'image'
  const options = (body.sequential_image_generation_options ?? {}) as Body
  const { max_images: most = 1 } = options
  const isRow = body.sequential_image_generation === 'auto'
  if (!isRow && 'max_images' in options) return 'max_images is of a row'
  if (Number(most) + image.length > 15) return 'pictures in and out: at most 15'
  const { mode = 'standard' } = (body.optimize_prompt_options ?? {}) as Body
  return mode === 'standard' || mode === 'fast' ? null : 'mode'
}

function misfitOfFilm(body: Body): string | null {
  const stranger = Object.keys(body).find((name) => !FILM.includes(name))
  if (stranger) return `${stranger} is unknown`
  if (body.model !== 'seedance-1-0-pro-250528') return 'model is unknown'
  const [words, ...frames] = body.content as Body[]
  if (words.type !== 'text' || !isPrompt(words.text)) return 'content: a text first'
  const roles = frames.map(({ role }) => role).join(' ')
  if (!['', 'first_frame', 'first_frame last_frame'].includes(roles)) return 'content: roles'
  const isTaken = ({ type, image_url: image }: Body) =>
    type === 'image_url' && DATA.test(String((image as Body).url))
  if (!frames.every(isTaken)) return 'content: pictures'
  if (!SIZES[String(body.resolution)]) return 'resolution'
  if (!RATIOS.includes(String(body.ratio))) return 'ratio'
  if (!(Number(body.duration) >= 2 && Number(body.duration) <= 12)) return 'duration'
  return Number.isInteger(body.seed ?? 0) ? null : 'seed'
}

function isPrompt(text: unknown): boolean {
  return typeof text === 'string' && text.length > 0
}

function refusal(status: number, code: string, message = `It was refused: ${code}.`): FakeAnswer {
  return { status, json: { error: { code, message, type: 'BadRequest' } } }
}
