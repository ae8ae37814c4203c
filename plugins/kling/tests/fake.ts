import sharp from 'sharp'
import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const SHARED = [
  ...['model_name', 'prompt', 'negative_prompt', 'mode', 'duration', 'sound'],
  ...['callback_url', 'external_task_id'],
]
const TEXT = [...SHARED, 'aspect_ratio']
const IMAGE = [...SHARED, 'image', 'image_tail']
const MODELS = ['kling-v2-5-turbo', 'kling-v2-6']

interface Task {
  id: string
  name: string
  readyAt: number
  duration: string
  trouble: FakeCall['trouble']
  url?: string
}

/** Kling's videos: every answer is an envelope whose code says whether it worked. */
export default class FakeKling extends FakeVendor {
  readonly #tasks: Task[] = []

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = ['text2video', 'image2video'].flatMap(
    (kind): FakeRoute[] => [
      {
        method: 'POST',
        path: `/v1/videos/${kind}`,
        step: 'submit',
        answer: (call) => this.#accept(call, kind === 'text2video' ? TEXT : IMAGE),
      },
      {
        method: 'GET',
        path: `/v1/videos/${kind}/:id`,
        step: 'poll',
        answer: ({ params }) => this.#tell(params.id),
      },
    ]
  )

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return this.#refusal(401, 1002, 'Authorization is not valid')
      case 'rate':
        return this.#refusal(429, 1302, 'API request rate limit exceeded')
      case 'server':
        return this.#refusal(503, 5001, 'Service temporarily unavailable')
      case 'not_found':
        return this.#refusal(404, 1203, 'Requested resource does not exist')
    }
  }

  /** The names are free again; the tasks stay. */
  forget() {
    super.forget()
    for (const task of this.#tasks) task.name = ''
  }

  async #accept({ json, trouble, slowMs }: FakeCall, known: string[]): Promise<FakeAnswer> {
    const body = json()
    const misfit = await misfitOf(body, known)
    if (misfit) return this.#refusal(400, 1201, misfit)
    switch (trouble) {
      case 'auth':
        return this.complaint('auth')
      case 'moderation':
        return this.#refusal(400, 1301, 'Trigger the content security policy of the platform')
      case 'balance':
        return this.#refusal(429, 1102, 'Resource pack depleted')
      case 'concurrency':
        return this.#refusal(429, 1303, 'Concurrency exceeds the limit of the resource pack')
      case 'invalid':
        // A status of 200, as gateways before it answer at times.
        return this.#refusal(200, 1201, 'Invalid parameters')
    }
    const name = String(body.external_task_id)
    if (this.#tasks.some((task) => task.name === name)) {
      return this.#refusal(400, 1201, 'external_task_id is not unique')
    }
    const id = `task-${this.next()}`
    const readyAt = Date.now() + slowMs
    this.#tasks.push({ id, name, readyAt, duration: String(body.duration), trouble })
    return this.#envelope({ task_id: id, task_status: 'submitted' })
  }

  /** By Kling's id, or by ours. */
  async #tell(id: string): Promise<FakeAnswer> {
    const task = this.#tasks.find((one) => one.id === id || one.name === id)
    if (!task) return this.complaint('not_found')
    const { trouble, duration, readyAt } = task
    const told = { task_id: task.id, task_info: { external_task_id: task.name } }
    if (Date.now() < readyAt) return this.#envelope({ ...told, task_status: 'processing' })
    const why = FAILURES[trouble ?? '']
    if (why) return this.#envelope({ ...told, task_status: 'failed', task_status_msg: why })
    if (trouble !== 'empty') task.url ??= await this.#make(task)
    const videos = task.url ? [{ id: `video-${task.id}`, url: task.url, duration }] : []
    return this.#envelope({ ...told, task_status: 'succeed', task_result: { videos } })
  }

  async #make({ duration, trouble }: Task): Promise<string> {
    const bytes = await film({ width: 640, height: 360 }, Number(duration))
    const file = { bytes, contentType: 'video/mp4' }
    return this.keep(file, { host: 'cdn.klingai.com', trouble })
  }

  #envelope(data: Record<string, unknown>): FakeAnswer {
    const json = { code: 0, message: 'SUCCEED', request_id: `request-${this.next()}`, data }
    return { json }
  }

  #refusal(status: number, code: number, message: string): FakeAnswer {
    return { status, json: { code, message, request_id: `request-${this.next()}` } }
  }
}

const FAILURES: Record<string, string> = {
  failed: 'The task failed',
  withheld: 'Failure to pass the risk control system',
}

async function misfitOf(body: Record<string, unknown>, known: string[]): Promise<string | null> {
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  if (stranger) return `${stranger} is not known`
  const { model_name: model, prompt, negative_prompt: negative = 'x', sound } = body
  if (!MODELS.includes(String(model))) return 'model is not supported'
  const lengths = [prompt, negative].map((text) => String(text).length)
  if (typeof prompt !== 'string' || lengths.some((length) => length < 1 || length > 2_500)) {
    return 'prompt has 1 to 2500 characters'
  }
  if (body.mode !== 'pro' && body.mode !== 'std') return 'mode is std or pro'
  if (body.duration !== '5' && body.duration !== '10') return 'duration is "5" or "10"'
  if (sound !== undefined && (model !== 'kling-v2-6' || !['on', 'off'].includes(String(sound)))) {
    return 'sound is not supported'
  }
  const { aspect_ratio: ratio = '1:1', image, image_tail: tail } = body
  if (!['16:9', '9:16', '1:1'].includes(String(ratio))) return 'aspect_ratio is not supported'
  if (known === IMAGE && image === undefined) return 'image is required'
  for (const picture of [image, tail]) {
    if (picture !== undefined && !(await isPicture(String(picture)))) return 'image is not readable'
  }
  return null
}

/** Base64 without a prefix. */
async function isPicture(base64: string): Promise<boolean> {
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) return false
  const { format } = await sharp(Buffer.from(base64, 'base64')).metadata()
  return format === 'png' || format === 'jpeg'
}
