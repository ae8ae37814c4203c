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

const HOST = 'dashscope-result-sgp.oss-ap-southeast-1.aliyuncs.com'
const PICTURES = ['1328*1328', '1664*928', '928*1664', '1472*1104', '1104*1472']
const PICTURE = ['size', 'n', 'seed', 'negative_prompt', 'prompt_extend', 'watermark']
const FILM = ['size', 'duration', 'seed', 'prompt_extend', 'shot_type', 'watermark']
const SMALL = ['832*480', '480*832', '624*624']
const MIDDLE = ['1280*720', '720*1280', '960*960']
const LARGE = ['1920*1080', '1080*1920', '1440*1440']

interface FilmKind {
  sizes: string[]
  durations: number[]
  parameters: string[]
}

const FILMS: Record<string, FilmKind> = {
  'wan2.2-t2v-plus': { sizes: [...SMALL, ...LARGE], durations: [5], parameters: FILM },
  'wan2.5-t2v-preview': {
    sizes: [...SMALL, ...MIDDLE, ...LARGE],
    durations: [5, 10],
    parameters: [...FILM, 'audio'],
  },
}

interface Task {
  readyAt: number
  size: string
  seconds: number
  trouble: FakeCall['trouble']
  url?: string
}

/** DashScope, the API of Model Studio, as it was documented on 2026-11-22. */
export default class FakeAlibaba extends FakeVendor {
  readonly #tasks = new Map<string, Task>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/api/v1/services/aigc/multimodal-generation/generation',
      step: 'submit',
      answer: (call) => this.#draw(call),
    },
    {
      method: 'POST',
      path: '/api/v1/services/aigc/video-generation/video-synthesis',
      step: 'submit',
      answer: (call) => this.#accept(call),
    },
    {
      method: 'GET',
      path: '/api/v1/tasks/:id',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'InvalidApiKey')
      case 'rate':
        return refusal(429, 'Throttling.RateQuota')
      case 'server':
        return refusal(503, 'InternalError')
      case 'not_found':
        return refusal(404, 'InvalidURL')
    }
  }

  async #draw(call: FakeCall): Promise<FakeAnswer> {
    const problem = misfitOfPicture(call.json())
    if (problem) return refusal(400, 'InvalidParameter', problem)
    const { trouble } = call
    if (trouble === 'withheld') return refusal(400, 'DataInspectionFailed', WITHHELD)
    if (trouble === 'failed') return refusal(500, 'InternalError.Algo')
    const refused = REFUSALS[trouble ?? '']
    if (refused) return refused
    await working(call)
    const { size } = call.json().parameters as { size: string }
    const { width, height } = readSize(size.replace('*', 'x'))
    const bytes = await picture({ width, height }, 'png', this.next())
    const image = this.keep({ bytes, contentType: 'image/png' }, { host: HOST, trouble })
    const content = trouble === 'empty' ? [] : [{ image }]
    const choice = { finish_reason: 'stop', message: { role: 'assistant', content } }
    return {
      json: {
        output: { choices: [choice] },
        usage: trouble === 'absurd' ? ABSURD : { image_count: content.length, width, height },
        request_id: `request-${this.next()}`,
      },
    }
  }

  #accept({ trouble, slowMs, headers, json }: FakeCall): FakeAnswer {
    if (headers['x-dashscope-async'] !== 'enable') {
      return refusal(403, 'AccessDenied', 'current user api does not support synchronous calls')
    }
    const problem = misfitOfFilm(json())
    if (problem) return refusal(400, 'InvalidParameter', problem)
    const refused = REFUSALS[trouble ?? '']
    if (refused) return refused
    const { size, duration } = json().parameters as { size: string; duration: number }
    const id = `task-${this.next()}`
    this.#tasks.set(id, { readyAt: Date.now() + slowMs, size, seconds: duration, trouble })
    const output = { task_id: id, task_status: 'PENDING' }
    return { json: { output, request_id: `request-${this.next()}` } }
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const task = this.#tasks.get(id)
    const told = { request_id: `request-${id}` }
    if (!task) return { json: { ...told, output: { task_id: id, task_status: 'UNKNOWN' } } }
    const { trouble, size, seconds } = task
    const waits = task.readyAt - Date.now()
    if (waits > 0) {
      const state = waits > 150 ? 'PENDING' : 'RUNNING'
      return { json: { ...told, output: { task_id: id, task_status: state } } }
    }
    const failure = FAILURES[trouble ?? '']
    if (failure) {
      return { json: { ...told, output: { task_id: id, task_status: 'FAILED', ...failure } } }
    }
    task.url ??= await this.#film(task)
    const output = {
      ...{ task_id: id, task_status: 'SUCCEEDED', orig_prompt: 'as it came' },
      ...(trouble !== 'empty' && { video_url: task.url }),
    }
    const measures = { duration: seconds, output_video_duration: seconds, size, SR: 480 }
    return { json: { ...told, output, usage: trouble === 'absurd' ? ABSURD : measures } }
  }

  async #film({ size, seconds, trouble }: Task): Promise<string> {
    const bytes = await film(readSize(size.replace('*', 'x')), seconds)
    return this.keep({ bytes, contentType: 'video/mp4' }, { host: HOST, trouble })
  }
}

const WITHHELD = 'Output data may contain inappropriate content.'

/** What no bill can be made of. */
const ABSURD = { image_count: -1, duration: -5, output_video_duration: 'many' }

const REFUSALS: Record<string, FakeAnswer> = {
  moderation: refusal(400, 'DataInspectionFailed', 'Input data may contain inappropriate content.'),
  balance: refusal(400, 'Arrearage'),
  daily: refusal(429, 'Throttling.AllocationQuota'),
  auth: refusal(401, 'InvalidApiKey'),
  retired: refusal(404, 'ModelNotFound'),
  invalid: refusal(400, 'InvalidParameter.DataInspection'),
}

const FAILURES: Record<string, { code: string; message: string }> = {
  failed: { code: 'InternalError.Algo', message: 'An internal error has occurred.' },
  withheld: { code: 'DataInspectionFailed', message: WITHHELD },
}

function misfitOfPicture({ model, input, parameters, ...rest }: Record<string, unknown>) {
  const { messages } = input as { messages: { role: string; content: { text: string }[] }[] }
  if (Object.keys(rest).length > 0) return `${Object.keys(rest)[0]} is unknown`
  if (model !== 'qwen-image') return 'model is unknown'
  if (messages.length !== 1 || messages[0].role !== 'user') return 'messages'
  const [{ text }] = messages[0].content
  if (text.length < 1 || text.length > 800) return 'text: 1 to 800'
  const given = parameters as Record<string, unknown>
  const stranger = Object.keys(given).find((name) => !PICTURE.includes(name))
  if (stranger) return `${stranger} is unknown`
  if (!PICTURES.includes(String(given.size))) return 'size'
  return misfitOfShared(given)
}

function misfitOfFilm({ model, input, parameters, ...rest }: Record<string, unknown>) {
  const kind = FILMS[String(model)]
  if (!kind) return 'model is unknown'
  if (Object.keys(rest).length > 0) return `${Object.keys(rest)[0]} is unknown`
  const { prompt, negative_prompt: without = 'x', ...more } = input as Record<string, string>
  if (Object.keys(more).length > 0) return `${Object.keys(more)[0]} is unknown`
  if (prompt.length < 1 || prompt.length > 800) return 'prompt: 1 to 800'
  if (without.length > 500) return 'negative_prompt: at most 500'
  const given = parameters as Record<string, unknown>
  const stranger = Object.keys(given).find((name) => !kind.parameters.includes(name))
  if (stranger) return `${stranger} is unknown`
  if (!kind.sizes.includes(String(given.size))) return 'size'
  if (!kind.durations.includes(Number(given.duration))) return 'duration'
  return misfitOfShared(given)
}

function misfitOfShared({ seed = 0, negative_prompt: without = 'x', ...flags }: Fields) {
  if (!(Number(seed) >= 0 && Number(seed) <= 2_147_483_647)) return 'seed'
  if (String(without).length > 500) return 'negative_prompt: at most 500'
  const odd = ['prompt_extend', 'watermark', 'audio'].find(
    (name) => flags[name] !== undefined && typeof flags[name] !== 'boolean'
  )
  return odd ?? null
}

type Fields = Record<string, unknown>

function refusal(status: number, code: string, message = `It was refused: ${code}.`): FakeAnswer {
  return { status, json: { code, message, request_id: 'request-refused' } }
}
