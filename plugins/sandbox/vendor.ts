import { readDirectives, type Directives } from './directives.js'
import { drawPicture } from './drawing/picture.js'
import { Studio } from './film/studio.js'
import {
  SandboxRefusal,
  type WireFinished,
  type WireItem,
  type WireOrder,
  type WireTask,
} from './wire.js'

/** A film is never there at once, as with every vendor of films. */
const FILM_MS = 400

/** How long a client that was told to wait is refused. */
const RATE_WINDOW_MS = 1000

/** How many clients it remembers having told to wait, and how many canceled tasks. */
const MEMORY = 1000

/**
 * A vendor that is not there: it takes orders, makes clients wait, and fails on request. A task
 * says all that is needed to look at it, so that another process can; what was canceled is
 * remembered only here.
 */
export class SandboxVendor {
  readonly #studio = new Studio()
  readonly #firstRefused = new Map<string, number>()
  readonly #canceled = new Map<string, number>()
  readonly #now: () => Date

  constructor({ now }: { now(): Date }) {
    this.#now = now
  }

  /** Takes an order, or refuses it as the prompt asks. */
  accept(order: WireOrder): WireTask {
    const { failure, failingAttempts, slowMs } = readDirectives(order.text)
    if (failure === 'transient' && order.try <= failingAttempts)
      throw new SandboxRefusal('overloaded')
    if (failure === 'rate') this.#limit(order)
    if (failure === 'moderation') throw new SandboxRefusal('content_refused')
    if (failure === 'unknown') throw new SandboxRefusal('connection_lost')
    const now = this.#now().getTime()
    const duration = Math.max(slowMs, order.kind === 'film' ? FILM_MS : 0)
    return {
      task: `task_${order.reference}_${order.try}`,
      state: 'running',
      accepted_at: now,
      ready_at: now + duration,
    }
  }

  /** The finished work, or the task with its progress. */
  async look(
    order: WireOrder,
    task: WireTask,
    signal: AbortSignal
  ): Promise<WireTask | WireFinished> {
    if (this.#canceled.has(task.task)) throw new SandboxRefusal('task_canceled')
    const now = this.#now().getTime()
    if (now < task.ready_at) {
      const progress = (now - task.accepted_at) / (task.ready_at - task.accepted_at)
      return { ...task, progress: Math.max(0, progress) }
    }
    const directives = readDirectives(order.text)
    if (directives.failure === 'output') throw new SandboxRefusal('output_withheld')
    if (directives.failure === 'provider') throw new SandboxRefusal('task_failed')
    if (directives.failure === 'lost') throw new SandboxRefusal('result_gone')
    const items = await this.#draw(order, Math.min(order.count, directives.deliver), signal)
    if (items.length === 0) throw new SandboxRefusal('nothing_made')
    return { task: task.task, state: 'finished', items, metered: meter(order, items, directives) }
  }

  cancel(task: WireTask) {
    remember(this.#canceled, task.task, this.#now().getTime())
  }

  close() {
    return this.#studio.close()
  }

  /** Refuses a client's first order and all that follow within the window. */
  #limit({ reference }: WireOrder) {
    const now = this.#now().getTime()
    const first = this.#firstRefused.get(reference) ?? now
    const rest = first + RATE_WINDOW_MS - now
    if (rest <= 0) return
    remember(this.#firstRefused, reference, first)
    throw new SandboxRefusal('too_many_requests', { retryAfterMs: rest })
  }

  async #draw(order: WireOrder, count: number, signal: AbortSignal): Promise<WireItem[]> {
    const items: WireItem[] = []
    for (let index = 0; index < count; index++) {
      signal.throwIfAborted()
      const seed = order.seed + index
      const { width, height, text: prompt, seconds } = order
      const scene = { width, height, prompt, seed }
      const data =
        order.kind === 'film'
          ? await this.#studio.draw({ ...scene, seconds }, signal)
          : await drawPicture(scene, order.format)
      items.push({ mime: order.mime, width, height, seed, data })
    }
    return items
  }
}

function meter(order: WireOrder, items: WireItem[], { measured }: Directives) {
  const pixels = items.reduce((sum, { width, height }) => sum + width * height, 0)
  return {
    items: items.length,
    pixels: Math.round(pixels * measured),
    seconds: order.seconds * items.length * measured,
  }
}

/** Keeps the newest. */
function remember(memory: Map<string, number>, name: string, time: number) {
  memory.set(name, time)
  if (memory.size > MEMORY) memory.delete(memory.keys().next().value!)
}
