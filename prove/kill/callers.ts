import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../model/random.js'
import type { Application } from './application.js'

/** What is asked for, by what must become of it. */
const PROMPTS = {
  'a lake': 40,
  'a lake slow:60ms': 30,
  'a lake fail:transient': 20,
  'a lake fail:provider': 10,
}

export type Prompt = keyof typeof PROMPTS

export interface Acknowledged {
  id: string
  key: string
  prompt: Prompt
  /** Of who acknowledged it. */
  port: number
}

const PATIENCE_MS = 5_000
/** On a busy machine a run outlasts the model's own deadline, which would end what waits for a worker. */
const DEADLINE_MS = 12 * 3_600_000

/**
 * Callers of an API whose processes come and go: each asks with a key of its own for every
 * generation, and asks again with the same key until one is acknowledged.
 */
export class Callers {
  readonly acknowledged: Acknowledged[] = []
  /** Answers that no caller should ever get. */
  readonly wrong: string[] = []
  repeats = 0
  /** The same for all, so that a repeat is the same request. */
  readonly #deadline = new Date(Date.now() + DEADLINE_MS).toISOString()
  #asked = 0
  #isOver = false
  readonly #most: number
  readonly #pause: readonly [number, number]
  /** Once all have been acknowledged that there are to be. */
  readonly done: Promise<unknown>

  /** So many at once, which ask until they are stopped or for as many as there are to be. */
  constructor(
    private readonly applications: Pick<Set<Application>, typeof Symbol.iterator>,
    {
      keys,
      random,
      many,
      most = Infinity,
      pause = [5, 60],
    }: { keys: string[]; random: Random; many: number; most?: number; pause?: [number, number] }
  ) {
    this.#most = most
    this.#pause = pause
    const callers = Array.from({ length: many }, (_, n) =>
      this.#call(keys[n % keys.length], random)
    )
    this.done = Promise.all(callers)
  }

  async stop() {
    this.#isOver = true
    await this.done
  }

  async #call(apiKey: string, random: Random) {
    while (!this.#isOver && this.#asked < this.#most) {
      const key = `request-${++this.#asked}`
      const prompt = random.weighted(PROMPTS)
      while (!this.#isOver && !(await this.#ask(apiKey, key, prompt))) {
        this.repeats++
        await sleep(50)
      }
      await sleep(random.between(...this.#pause))
    }
  }

  /** Whether it was acknowledged. */
  async #ask(apiKey: string, key: string, prompt: Prompt): Promise<boolean> {
    const [application] = [...this.applications].sort(() => Math.random() - 0.5)
    if (!application) return false
    try {
      const response = await fetch(`http://127.0.0.1:${application.port}/v1/generations`, {
        method: 'POST',
        headers: {
          'authorization': `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({
          model: 'sandbox/image',
          input: { prompt, seed: 7, format: 'jpeg' },
          deadline: this.#deadline,
        }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      const body = (await response.json()) as { id?: string }
      // 200 where it is over by the time it is asked for again.
      if ([200, 202].includes(response.status) && body.id) {
        this.acknowledged.push({ id: body.id, key, prompt, port: application.port })
        return true
      }
      // The database may be away; that it is busy or broken is no reason to refuse.
      if (response.status < 500)
        this.wrong.push(`${response.status} ${JSON.stringify(body).slice(0, 300)}`)
      return response.status < 500
    } catch {
      return false
    }
  }
}
