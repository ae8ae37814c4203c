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
  readonly #all: Promise<void[]>

  constructor(
    private readonly applications: Set<Application>,
    { keys, random, many }: { keys: string[]; random: Random; many: number }
  ) {
    const callers = Array.from({ length: many }, (_, n) =>
      this.#call(keys[n % keys.length], random)
    )
    this.#all = Promise.all(callers)
  }

  async stop() {
    this.#isOver = true
    await this.#all
  }

  async #call(apiKey: string, random: Random) {
    while (!this.#isOver) {
      const key = `request-${++this.#asked}`
      const prompt = random.weighted(PROMPTS)
      while (!this.#isOver && !(await this.#ask(apiKey, key, prompt))) {
        this.repeats++
        await sleep(50)
      }
      await sleep(random.between(5, 60))
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
        this.acknowledged.push({ id: body.id, key, prompt })
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
