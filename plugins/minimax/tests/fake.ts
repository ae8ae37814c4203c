import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const KNOWN = [
  ...['model', 'prompt', 'prompt_optimizer', 'duration', 'resolution'],
  ...['first_frame_image', 'last_frame_image', 'callback_url'],
]

interface Task {
  id: string
  file: string
  readyAt: number
  seconds: number
  trouble: FakeCall['trouble']
  url?: string
}

/** MiniMax's films: whatever goes wrong is an answer of status 200 with a code in it. */
export default class FakeMiniMax extends FakeVendor {
  readonly #tasks: Task[] = []

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/video_generation',
      step: 'submit',
      answer: (call) => this.#accept(call),
    },
    {
      method: 'GET',
      path: '/v1/query/video_generation',
      step: 'poll',
      answer: ({ query }) => this.#tell(query.get('task_id')),
    },
    {
      method: 'GET',
      path: '/v1/files/retrieve',
      step: 'poll',
      answer: ({ query }) => this.#retrieve(query.get('file_id')),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(1004, 'login fail')
      case 'rate':
        return refusal(1002, 'rate limit')
      case 'server':
        return refusal(1033, 'downstream service error')
      case 'not_found':
        return { status: 404, bytes: Buffer.from('404 page not found'), contentType: 'text/plain' }
    }
  }

  #accept({ json, trouble, slowMs }: FakeCall): FakeAnswer {
    const body = json()
    const misfit = misfitOf(body)
    if (misfit) return refusal(2013, misfit)
    const code = { ...REFUSALS }[trouble ?? '']
    if (code) return refusal(code, 'refused')
    const [id, file] = [`${400_000 + this.next()}`, `${200_000 + this.next()}`]
    const readyAt = Date.now() + slowMs
    this.#tasks.push({ id, file, readyAt, seconds: Number(body.duration), trouble })
    return { json: { task_id: id, base_resp: { status_code: 0, status_msg: 'success' } } }
  }

  #tell(id: string | null): FakeAnswer {
    const task = this.#tasks.find((one) => one.id === id)
    if (!task) return refusal(2013, 'no such task')
    const { file, readyAt, trouble } = task
    const fine = { base_resp: { status_code: 0, status_msg: 'success' } }
    const waits = readyAt - Date.now()
    if (waits > 0) {
      const status = waits > 200 ? 'Queueing' : waits > 100 ? 'Preparing' : 'Processing'
      return { json: { task_id: id, status, ...fine } }
    }
    if (trouble === 'failed') return { json: { task_id: id, status: 'Fail', ...fine } }
    if (trouble === 'withheld') {
      const withheld = { status_code: 1027, status_msg: 'output sensitive' }
      return { json: { task_id: id, status: 'Fail', base_resp: withheld } }
    }
    const size = { video_width: 640, video_height: 360 }
    return { json: { task_id: id, status: 'Success', file_id: file, ...size, ...fine } }
  }

  async #retrieve(id: string | null): Promise<FakeAnswer> {
    const task = this.#tasks.find(({ file }) => file === id)
    if (!task) return refusal(2013, 'no such file')
    if (task.trouble !== 'empty') task.url ??= await this.#make(task)
    const file = { file_id: id, bytes: 0, filename: 'output.mp4', download_url: task.url }
    return { json: { file, base_resp: { status_code: 0, status_msg: 'success' } } }
  }

  async #make({ seconds, trouble }: Task): Promise<string> {
    const bytes = await film({ width: 640, height: 360 }, seconds)
    return this.keep(
      { bytes, contentType: 'video/mp4' },
      { host: 'video-product.cdn.minimax.io', trouble }
    )
  }
}

const REFUSALS: Record<string, number> = {
  moderation: 1026,
  balance: 1008,
  auth: 1004,
  concurrency: 1041,
  invalid: 2013,
}

function misfitOf(body: Record<string, unknown>): string | null {
  const stranger = Object.keys(body).find((name) => !KNOWN.includes(name))
  if (stranger) return `${stranger} is not known`
  const { model, prompt, prompt_optimizer: optimizer, duration, resolution } = body
  if (model !== 'MiniMax-Hailuo-02') return 'model'
  if (typeof prompt !== 'string' || prompt.length < 1 || prompt.length > 2_000) return 'prompt'
  if (typeof optimizer !== 'boolean') return 'prompt_optimizer'
  if (duration !== 6 && duration !== 10) return 'duration'
  if (!['512P', '768P', '1080P'].includes(String(resolution))) return 'resolution'
  if (resolution === '1080P' && duration !== 6) return 'duration of 1080P'
  const { first_frame_image: first, last_frame_image: last } = body
  if (last !== undefined && first === undefined) return 'last_frame_image without the first'
  const isTaken = (image: unknown) =>
    /^(https:|data:image\/(png|jpeg|webp);base64,)/.test(`${image}`)
  return [first, last].every((image) => image === undefined || isTaken(image)) ? null : 'image'
}

function refusal(code: number, message: string): FakeAnswer {
  return { json: { base_resp: { status_code: code, status_msg: message } } }
}
