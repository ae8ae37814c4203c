import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { grpc } from 'google-gax'
import { FakeIssuer } from './fake_issuer.js'
import { Pushes, type Push } from './pushes.js'
import { millisOf, serviceDefinition, WireFault, type WireQueue, type WireTask } from './wire.js'

const LARGEST_TASK = 100 * 1024
const LONGEST_SCHEDULE_MS = 30 * 24 * 3_600_000
const DEADLINES_MS = [15_000, 1_800_000]
const MOST_PER_SECOND = 500
const MOST_AT_ONCE = 5_000
const { status } = grpc

export const SERVICE_ACCOUNT = 'tasks@daygen-test.iam.gserviceaccount.com'

/** What a call does instead of what it is for. */
export type CallFault =
  /** It is refused with a gRPC status. */
  | { answer: grpc.status; times?: number }
  /** It never answers; the task is made or not. */
  | { hang: 'before' | 'after' }

interface Call<Request> {
  request: Request
}

/**
 * Google Cloud Tasks on loopback: the real service by the SDK's own protos over gRPC, and pushes
 * over HTTP with signed tokens. Makes trouble on request, as the real one may.
 */
export class FakeCloudTasks {
  readonly queues = new Map<string, WireQueue>()
  /** All tasks that were made, in order. */
  readonly made: WireTask[] = []
  /** How often a task was asked for, refused or not. */
  calls = 0
  fault: CallFault | null = null
  readonly #names = new Set<string>()
  readonly #pushes: Pushes

  private constructor(
    private readonly server: grpc.Server,
    private readonly port: number,
    readonly issuer: FakeIssuer,
    haste: number
  ) {
    this.#pushes = new Pushes(issuer, haste)
  }

  /** With `haste`, it retries so many times sooner than its queues say. */
  static async start({ haste = 1 } = {}): Promise<FakeCloudTasks> {
    const issuer = await FakeIssuer.start()
    const server = new grpc.Server()
    let fake!: FakeCloudTasks
    const verb =
      <Request, Answer>(work: (request: Request) => Answer | Promise<Answer>) =>
      (call: Call<Request>, answer: (error: WireFault | null, value?: Answer) => void) =>
        void Promise.resolve()
          .then(() => work(call.request))
          .then(
            (value) => answer(null, value),
            (error: WireFault) => answer(error)
          )
    server.addService(serviceDefinition(), {
      getQueue: verb(({ name }: { name: string }) => fake.#queue(name)),
      createQueue: verb(({ queue }: { queue: WireQueue }) => fake.#createQueue(queue)),
      updateQueue: verb(({ queue }: { queue: WireQueue }) => fake.#updateQueue(queue)),
      createTask: verb((request: { parent: string; task: WireTask }) => fake.#createTask(request)),
    })
    const bind = promisify(server.bindAsync.bind(server))
    const port = await bind('127.0.0.1:0', grpc.ServerCredentials.createInsecure())
    fake = new FakeCloudTasks(server, port!, issuer, haste)
    return fake
  }

  get endpoint() {
    return `127.0.0.1:${this.port}`
  }

  /** How pushes misbehave. */
  get trouble() {
    return this.#pushes.trouble
  }

  /** All pushes that were answered, in order. */
  get answered(): Push[] {
    return this.#pushes.answered
  }

  /** What an installation is told to use it, at this address. */
  environment(url: string): Record<string, string> {
    return {
      QUEUE_DRIVER: 'cloud_tasks',
      CLOUD_TASKS_PROJECT: 'daygen-test',
      CLOUD_TASKS_LOCATION: 'europe-west1',
      CLOUD_TASKS_QUEUE: 'daygen',
      CLOUD_TASKS_URL: url,
      CLOUD_TASKS_SERVICE_ACCOUNT: SERVICE_ACCOUNT,
      CLOUD_TASKS_ENDPOINT: this.endpoint,
      CLOUD_TASKS_ISSUER: this.issuer.issuer,
      CLOUD_TASKS_JWKS_URL: this.issuer.jwksUrl,
    }
  }

  /** A queue as somebody made it before. */
  addQueue(id: string, queue: Partial<WireQueue> = {}): string {
    const name = `projects/daygen-test/locations/europe-west1/queues/${id}`
    this.queues.set(name, { name, state: 'RUNNING', ...queue } as WireQueue)
    return name
  }

  /** Pushes a task once more, though it was answered: at least once is what is promised. */
  pushAgain(task: WireTask): Promise<Push> {
    return this.#pushes.pushOnce(task)
  }

  async stop() {
    await this.#pushes.stop()
    await this.issuer.stop()
    this.server.forceShutdown()
  }

  #queue(name: string): WireQueue {
    const queue = this.queues.get(name)
    if (!queue) throw new WireFault(status.NOT_FOUND, `Queue does not exist: ${name}`)
    return queue
  }

  #createQueue(queue: WireQueue): WireQueue {
    if (this.queues.has(queue.name)) {
      throw new WireFault(status.ALREADY_EXISTS, `Queue already exists: ${queue.name}`)
    }
    return this.#updateQueue(queue)
  }

  #updateQueue(queue: WireQueue): WireQueue {
    const { maxDispatchesPerSecond: rate = 0, maxConcurrentDispatches: atOnce = 0 } =
      queue.rateLimits ?? {}
    if (rate! > MOST_PER_SECOND) invalid('Queue.rateLimits.maxDispatchesPerSecond is above 500.')
    if (atOnce! > MOST_AT_ONCE) invalid('Queue.rateLimits.maxConcurrentDispatches is above 5000.')
    const kept = { ...queue, state: 'RUNNING' } as WireQueue
    this.queues.set(queue.name, kept)
    return kept
  }

  async #createTask({ parent, task }: { parent: string; task: WireTask }): Promise<WireTask> {
    this.calls++
    await this.#misbehave('before')
    const queue = this.#queue(parent)
    checkTask(task)
    const name = task.name || `${parent}/tasks/${randomUUID()}`
    if (this.#names.has(name)) throw new WireFault(status.ALREADY_EXISTS, `Task exists: ${name}`)
    this.#names.add(name)
    const made = { ...task, name } as WireTask
    this.made.push(made)
    this.#pushes.schedule(made, queue)
    await this.#misbehave('after')
    return made
  }

  async #misbehave(moment: 'before' | 'after') {
    const { fault } = this
    if (!fault) return
    if ('hang' in fault) {
      if (fault.hang === moment) await new Promise(() => {})
    } else if (moment === 'before') {
      if (fault.times !== undefined && --fault.times <= 0) this.fault = null
      throw new WireFault(fault.answer, `Refused on request: ${status[fault.answer]}`)
    }
  }
}

function checkTask({ httpRequest, scheduleTime, dispatchDeadline }: WireTask) {
  if (!httpRequest?.url?.match(/^https?:\/\//)) invalid('HttpRequest.url is required.')
  const { body, headers, url } = httpRequest!
  const size = body!.length + url!.length + JSON.stringify(headers ?? {}).length
  if (size > LARGEST_TASK) invalid(`Task size ${size} is too large, at most ${LARGEST_TASK}.`)
  const due = millisOf(scheduleTime)
  if (due && due > Date.now() + LONGEST_SCHEDULE_MS) {
    invalid('The Task.scheduleTime is too far in the future.')
  }
  const deadline = millisOf(dispatchDeadline)
  if (deadline !== null && (deadline < DEADLINES_MS[0] || deadline > DEADLINES_MS[1])) {
    invalid('Task.dispatchDeadline must be between [15s, 30m].')
  }
}

function invalid(details: string): never {
  throw new WireFault(status.INVALID_ARGUMENT, details)
}
