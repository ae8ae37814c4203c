import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../model/random.js'
import { Broken } from '../proof.js'

export interface Heard {
  id: string
  generation: string
  seq: number
  type: string
}

/** How often all readers together have been cut off, and how often they are to be. */
export interface Budget {
  done: number
  wanted: number
}

interface Stream {
  path: string
  apiKey: string
  /** Where it is served. */
  ports: number[]
  random: Random
  budget: Budget
}

/** A browser on a bad line: cut off after an event or a moment, it comes back by what it saw last. */
export class Reader {
  readonly heard: Heard[] = []
  /** Connections that were open for a while. */
  looks = 0
  readonly #ids = new Set<string>()
  #lastEventId = ''
  #call: ReturnType<typeof get> | null = null
  #isOver = false

  constructor(readonly stream: Stream) {}

  /** Until it has heard all there is to hear, or is stopped. */
  async read() {
    while (!this.#isOver) {
      const { budget, random } = this.stream
      const isCut = budget.done < budget.wanted
      if (isCut) budget.done++
      const status = await this.#connect(
        isCut ? { events: random.between(1, 3), ms: random.between(10, 120) } : null
      )
      if (status === 204) return
    }
  }

  stop() {
    this.#isOver = true
    this.#call?.destroy()
  }

  /** One connection, from its beginning to its end. Answers its status. */
  async #connect(cut: { events: number; ms: number } | null): Promise<number> {
    const { path, apiKey, ports, random } = this.stream
    const headers: Record<string, string> = { Authorization: `Bearer ${apiKey}` }
    if (this.#lastEventId) headers['Last-Event-ID'] = this.#lastEventId
    const call = get({ port: random.pick(ports), path, headers, agent: false })
    this.#call = call
    const response = await new Promise<IncomingMessage | null>((resolve) => {
      call.once('response', resolve)
      call.once('error', () => resolve(null))
    })
    if (!response) {
      await sleep(10)
      return 0
    }
    const { statusCode: status = 0 } = response
    if (status !== 200) {
      response.resume()
      if (status !== 204) throw new Broken(`${path} after ${this.#lastEventId} answers ${status}`)
      return status
    }
    const timer = cut && setTimeout(() => call.destroy(), cut.ms)
    await this.#hear(response, cut ? cut.events : Number.POSITIVE_INFINITY)
    if (timer) clearTimeout(timer)
    call.destroy()
    this.looks++
    return status
  }

  async #hear(response: IncomingMessage, most: number) {
    let text = ''
    let left = most
    try {
      for await (const part of response.setEncoding('utf8')) {
        const blocks = (text + part).split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          if (this.#take(block)) left--
          if (left === 0) return
        }
      }
    } catch {
      // Cut off, by itself or by a process that went.
    }
  }

  /** Whether it was an event. */
  #take(block: string): boolean {
    const lines = block.split('\n')
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    this.#lastEventId = field('id') ?? this.#lastEventId
    const data = field('data')
    if (!data) return false
    const { id, generation, seq, type } = JSON.parse(data) as Heard
    if (this.#ids.has(id)) throw new Broken(`${this.stream.path} told ${id} twice`)
    this.#ids.add(id)
    this.heard.push({ id, generation, seq, type })
    return true
  }
}
