import { setTimeout as sleep } from 'node:timers/promises'
import type { Application } from '../kill/application.js'
import type { Random } from '../model/random.js'

/** What items ask for, by how often. */
const PROMPTS = {
  'a lake': 50,
  'a lake slow:60ms': 35,
  'a lake fail:provider': 15,
}
/** One in so many is canceled at some moment, and one in so many has no budget. */
const CANCELED = 3
const FREE = 4
const PATIENCE_MS = 5_000

export interface Asked {
  id: string
  size: number
  /** In pictures. */
  budget: number | null
  isCanceled: boolean
}

/** Who asks for batches, again and again with the same key until one is acknowledged. */
export class BatchClients {
  readonly asked: Asked[] = []
  readonly done: Promise<unknown>
  #isOver = false
  #count = 0

  constructor(
    private readonly applications: Set<Application>,
    private readonly options: {
      keys: string[]
      random: Random
      /** Credits, as they are written in requests. */
      picture: number
      /** At least so many, and on until it is stopped. */
      least: number
    }
  ) {
    this.done = Promise.all(options.keys.map((key) => this.#client(key)))
  }

  async stop() {
    this.#isOver = true
    await this.done
  }

  async #client(key: string) {
    const { random, picture, least } = this.options
    while (!this.#isOver || this.asked.length < least) {
      const size = random.between(4, 12)
      const budget = random.between(1, FREE) === 1 ? null : random.between(1, Math.ceil(size / 2))
      const isCanceled = random.between(1, CANCELED) === 1
      const items = Array.from({ length: size }, () => ({
        model: 'sandbox/image',
        input: { prompt: random.weighted(PROMPTS), seed: 7, format: 'jpeg' },
      }))
      const body = { items, ...(budget && { max_credits: (budget * picture).toFixed(5) }) }
      const headers = { 'idempotency-key': `batch-${++this.#count}` }
      const { id } = await this.#patiently(key, '', body, headers)
      this.asked.push({ id, size, budget, isCanceled })
      await sleep(random.between(20, 200))
      if (isCanceled) await this.#patiently(key, `/${id}/cancel`, {})
    }
  }

  async #patiently(
    key: string,
    path: string,
    body: object,
    headers: Record<string, string> = {}
  ): Promise<{ id: string }> {
    for (;;) {
      const application = this.options.random.pick([...this.applications, null])
      const response = application && (await this.#post(application, key, path, body, headers))
      if (response?.ok) return (await response.json()) as { id: string }
      if (response && response.status < 500) {
        throw new Error(`${response.status} ${await response.text()}`)
      }
      await sleep(30)
    }
  }

  #post({ port }: Application, key: string, path: string, body: object, headers: object) {
    return fetch(`http://127.0.0.1:${port}/v1/batches${path}`, {
      method: 'POST',
      headers: {
        'authorization': `Bearer ${key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => null)
  }
}
