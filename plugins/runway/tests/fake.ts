import { readSize } from '#core/plugins/geometry'
import {
  FakeVendor,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film, picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

const SHARED = ['model', 'promptText', 'ratio', 'seed', 'contentModeration']
const SMALL = ['1280:720', '720:1280', '720:720', '960:720', '720:960', '1680:720']
const LARGE = [
  ...['1024:1024', '1080:1080', '1168:880', '1360:768', '1440:1080', '1080:1440'],
  ...['1808:768', '1920:1080', '1080:1920', '2112:912'],
]
const FILMS = ['1280:720', '720:1280', '1104:832', '832:1104', '960:960', '1584:672']

interface Task {
  id: string
  createdAt: string
  readyAt: number
  body: Record<string, unknown>
  credits: number
  trouble: FakeCall['trouble']
  isCanceled: boolean
  output?: string[]
}

/** Runway's tasks, as the types of its SDK 4.20.1 describe them. */
export default class FakeRunway extends FakeVendor {
  readonly #tasks = new Map<string, Task>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/text_to_image',
      step: 'submit',
      answer: (call) => this.#accept(call, misfitOfImage(call.json())),
    },
    {
      method: 'POST',
      path: '/v1/image_to_video',
      step: 'submit',
      answer: (call) => this.#accept(call, misfitOfFilm(call.json())),
    },
    {
      method: 'GET',
      path: '/v1/tasks/:id',
      step: 'poll',
      answer: ({ params }) => this.#tell(params.id),
    },
    {
      method: 'DELETE',
      path: '/v1/tasks/:id',
      step: 'cancel',
      answer: ({ params }) => {
        const task = this.#tasks.get(params.id)
        if (!task) return this.complaint('not_found')
        // What is over is deleted; what is not, is stopped.
        if (Date.now() >= task.readyAt) this.#tasks.delete(params.id)
        else task.isCanceled = true
        return { status: 204 }
      },
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'The provided API key is not valid.')
      case 'rate':
        return refusal(429, 'Too many requests.')
      case 'server':
        return refusal(503, 'Runway is shedding load.')
      case 'not_found':
        return refusal(404, 'Not found.')
    }
  }

  #accept({ trouble, slowMs, json }: FakeCall, misfit: string | null): FakeAnswer {
    if (misfit) return refusal(400, misfit)
    switch (trouble) {
      case 'auth':
        return this.complaint('auth')
      case 'balance':
        return refusal(400, 'You do not have enough credits to run this task.')
      case 'daily':
        return refusal(429, 'You have reached your daily limit of generations.')
      case 'invalid':
        return refusal(400, 'Validation of body failed.')
    }
    const id = `task-${this.next()}`
    const body = json()
    const credits = creditsOf(body)
    const createdAt = new Date().toISOString()
    const readyAt = Date.now() + (trouble === 'throttled' ? 150 : slowMs)
    this.#tasks.set(id, { id, createdAt, readyAt, body, credits, trouble, isCanceled: false })
    return { json: { id, estimatedCost: { credits } } }
  }

  async #tell(id: string): Promise<FakeAnswer> {
    const task = this.#tasks.get(id)
    if (!task) return this.complaint('not_found')
    const { createdAt, trouble, credits } = task
    const told = { id, createdAt }
    if (task.isCanceled) return { json: { ...told, status: 'CANCELLED', cost: { credits: 0 } } }
    const waits = task.readyAt - Date.now()
    if (waits > 0) {
      const estimatedCost = { credits }
      if (trouble === 'throttled') return { json: { ...told, estimatedCost, status: 'THROTTLED' } }
      const status = waits > 150 ? 'PENDING' : 'RUNNING'
      const progress = status === 'RUNNING' ? { progress: 1 - waits / 150 } : {}
      return { json: { ...told, estimatedCost, status, ...progress } }
    }
    const failureCode = FAILURES[trouble ?? '']
    if (failureCode) {
      const cost = { credits: trouble === 'failed' ? credits : 0 }
      const failure = 'An unexpected error occurred.'
      return { json: { ...told, status: 'FAILED', failure, failureCode, cost } }
    }
    const cost = { credits: trouble === 'absurd' ? -7 : credits }
    task.output ??= trouble === 'empty' ? [] : [await this.#make(task)]
    return { json: { ...told, status: 'SUCCEEDED', output: task.output, cost } }
  }

  async #make({ body, trouble }: Task): Promise<string> {
    const size = readSize(String(body.ratio).replace(':', 'x'))
    const file =
      'duration' in body
        ? { bytes: await film(size, Number(body.duration)), contentType: 'video/mp4' }
        : { bytes: await picture(size, 'png', this.next()), contentType: 'image/png' }
    return this.keep(file, { host: 'fake0asset0host.cloudfront.net', trouble })
  }
}

const FAILURES: Record<string, string> = {
  moderation: 'SAFETY.INPUT.TEXT',
  withheld: 'SAFETY.OUTPUT.IMAGE',
  failed: 'INTERNAL.BAD_OUTPUT.CODE01',
}

function creditsOf({ model, ratio, duration }: Record<string, unknown>): number {
  if (model === 'gen4_turbo') return 5 * Number(duration)
  if (model === 'gen4_image_turbo') return 2
  return SMALL.includes(String(ratio)) ? 5 : 8
}

function misfitOfImage(body: Record<string, unknown>): string | null {
  const { model, promptText, ratio, referenceImages = [] } = body
  const pictures = referenceImages as { uri: string; tag?: string }[]
  const stranger = strangerIn(body, [...SHARED, 'referenceImages'])
  if (stranger) return stranger
  if (model !== 'gen4_image' && model !== 'gen4_image_turbo') return 'model: unknown'
  if (typeof promptText !== 'string') return 'promptText: required'
  if (![...SMALL, ...LARGE].includes(String(ratio))) return 'ratio: not one of these'
  if (pictures.length > 3) return 'referenceImages: at most 3'
  if (model === 'gen4_image_turbo' && pictures.length === 0) return 'referenceImages: required'
  const isOdd = ({ tag = 'abc' }: { tag?: string }) => !/^[a-z]\w{2,15}$/i.test(tag)
  if (pictures.some(isOdd)) return 'referenceImages: a tag has 3 to 16 letters'
  return misfitOfShared(body) ?? misfitOfUris(pictures)
}

function misfitOfFilm(body: Record<string, unknown>): string | null {
  const { model, promptImage, ratio, duration } = body
  const stranger = strangerIn(body, [...SHARED, 'promptImage', 'duration'])
  if (stranger) return stranger
  if (model !== 'gen4_turbo') return 'model: unknown'
  if (!FILMS.includes(String(ratio))) return 'ratio: not one of these'
  if (!(Number(duration) >= 2 && Number(duration) <= 10)) return 'duration: 2 to 10'
  const pictures = promptImage as { uri: string; position: string }[]
  if (pictures.length !== 1 || pictures[0].position !== 'first') return 'promptImage: one, first'
  return misfitOfShared(body) ?? misfitOfUris(pictures)
}

function misfitOfShared({
  promptText = 'x',
  seed = 0,
  contentModeration,
}: Record<string, unknown>) {
  const length = String(promptText).length
  if (length < 1 || length > 1_000) return 'promptText: 1 to 1000'
  if (!Number.isInteger(seed)) return 'seed: a whole number'
  const { publicFigureThreshold: figures = 'auto' } = (contentModeration ?? {}) as Record<
    string,
    unknown
  >
  return figures === 'auto' || figures === 'low' ? null : 'contentModeration: auto or low'
}

function misfitOfUris(pictures: { uri: string }[]): string | null {
  const isTaken = ({ uri }: { uri: string }) =>
    uri.length <= 5_000_000 && /^(https:|data:image\/(png|jpeg|webp);base64,)/.test(uri)
  return pictures.every(isTaken) ? null : 'uri: https, or data of at most 5 MB'
}

function strangerIn(body: Record<string, unknown>, known: string[]): string | null {
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  return stranger ? `${stranger}: unknown` : null
}

function refusal(status: number, error: string): FakeAnswer {
  return { status, json: { error } }
}
