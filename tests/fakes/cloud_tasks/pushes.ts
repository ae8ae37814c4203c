import type { FakeIssuer } from './fake_issuer.js'
import { millisOf, type WireQueue, type WireTask } from './wire.js'

/** A delivery and its answer; 0 where there was none. */
export interface Push {
  task: string
  job: string
  /** From 0. */
  retry: number
  status: number
  body: any
}

/** What may happen to pushes, as the real service allows itself. */
interface Trouble {
  /** Each is made this many times more, at the same time. */
  copies: number
  /** Each comes up to this much late, and so out of order. */
  lateMs: number
  /** This share of answers is lost, so that what was done is pushed again. */
  lostAnswers: number
  /** None is made until this is false again. */
  paused: boolean
  /** This many of those that are next scheduled never come. */
  dropped: number
  /** Each goes to any of these addresses, as through a balancer; to its own where there are none. */
  origins: string[]
}

const DEFAULT_DEADLINE_MS = 600_000
const DEFAULT_RETRY = { minMs: 1_000, maxMs: 3_600_000, doublings: 16 }

/** Pushes tasks over HTTP until each is answered with 2xx. */
export class Pushes {
  readonly answered: Push[] = []
  readonly trouble: Trouble = {
    copies: 0,
    lateMs: 0,
    lostAnswers: 0,
    paused: false,
    dropped: 0,
    origins: [],
  }
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #abort = new AbortController()

  constructor(
    private readonly issuer: FakeIssuer,
    private readonly haste: number
  ) {}

  schedule(task: WireTask, queue: WireQueue) {
    if (this.trouble.dropped > 0) {
      this.trouble.dropped--
      return
    }
    const wait = Math.max(0, (millisOf(task.scheduleTime as never) ?? 0) - Date.now())
    for (let copy = 0; copy <= this.trouble.copies; copy++) {
      this.#after(wait + Math.random() * this.trouble.lateMs, () => this.#push(task, queue, 0))
    }
  }

  async stop() {
    this.#abort.abort()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async pushOnce(task: WireTask, retry = 0): Promise<Push> {
    const { httpRequest, name, dispatchDeadline } = task
    const { url, headers, body, oidcToken } = httpRequest!
    const push: Push = { task: name!, job: url!.split('/').at(-1)!, retry, status: 0, body: null }
    const deadline = millisOf(dispatchDeadline as never) ?? DEFAULT_DEADLINE_MS
    try {
      const response = await fetch(this.#addressOf(url!), {
        method: 'POST',
        headers: {
          ...headers,
          'authorization': `Bearer ${await this.issuer.sign({
            aud: oidcToken!.audience || url!,
            email: oidcToken!.serviceAccountEmail!,
          })}`,
          'user-agent': 'Google-Cloud-Tasks',
          'x-cloudtasks-queuename': name!.split('/')[5],
          'x-cloudtasks-taskname': name!.split('/').at(-1)!,
          'x-cloudtasks-taskretrycount': String(retry),
        },
        body: body as Uint8Array<ArrayBuffer>,
        redirect: 'manual',
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(deadline)]),
      })
      push.status = response.status
      push.body = await response.json()
      push.body.retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000
    } catch {
      // Nobody was there, or the answer was cut off: it counts as none.
    }
    this.answered.push(push)
    return push
  }

  async #push(task: WireTask, queue: WireQueue, retry: number): Promise<void> {
    if (this.trouble.paused) return this.#after(20, () => this.#push(task, queue, retry))
    const { status, body } = await this.pushOnce(task, retry)
    const isDone = status >= 200 && status < 300 && Math.random() >= this.trouble.lostAnswers
    if (isDone || this.#abort.signal.aborted) return
    const wait = Math.max(backoff(queue, retry), body?.retryAfterMs ?? 0)
    this.#after(wait / this.haste, () => this.#push(task, queue, retry + 1))
  }

  #addressOf(url: string): string {
    const { origins } = this.trouble
    if (origins.length === 0) return url
    return new URL(new URL(url).pathname, origins[Math.floor(Math.random() * origins.length)]).href
  }

  #after(ms: number, task: () => Promise<void>) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void task()
    }, ms)
    this.#timers.add(timer)
  }
}

/** Doubles some times, then grows by the last step, up to the longest. */
function backoff({ retryConfig }: WireQueue, retry: number): number {
  const min = millisOf(retryConfig?.minBackoff as never) || DEFAULT_RETRY.minMs
  const max = millisOf(retryConfig?.maxBackoff as never) || DEFAULT_RETRY.maxMs
  const doublings = retryConfig?.maxDoublings || DEFAULT_RETRY.doublings
  const steps = min * 2 ** Math.min(retry, doublings)
  const further = Math.max(0, retry - doublings) * min * 2 ** doublings
  return Math.min(max, steps + further)
}
