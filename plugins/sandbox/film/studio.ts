import { Worker } from 'node:worker_threads'
import type { FilmOrder } from './film.js'
import type { FilmReply } from './worker.js'

interface Waiting {
  resolve(bytes: Uint8Array): void
  reject(error: unknown): void
}

/** A thread that draws films, started with the first one. */
export class Studio {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #orders = 0

  /** After an abort it rejects at once with the signal's reason; the film itself is drawn to its end and dropped. */
  draw(order: FilmOrder, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const id = ++this.#orders
      const stop = () => this.#settle(id)?.reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      const leave = () => signal.removeEventListener('abort', stop)
      this.#waiting.set(id, {
        resolve: (bytes) => (leave(), resolve(bytes)),
        reject: (error) => (leave(), reject(error)),
      })
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#worker.postMessage({ id, order })
    })
  }

  async close() {
    const worker = this.#worker
    this.#lose(new DOMException('The studio was closed.', 'AbortError'))
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.js', import.meta.url), loader())
    worker.on('message', ({ id, bytes, error }: FilmReply) => {
      const waiting = this.#settle(id)
      if (bytes) waiting?.resolve(bytes)
      else waiting?.reject(new Error(error))
    })
    worker.on('error', (error) => this.#worker === worker && this.#lose(error))
    return worker
  }

  /** An idle thread must not keep the process alive. */
  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    return waiting
  }

  #lose(error: Error) {
    this.#worker = null
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error)
  }
}

/** A thread does not inherit a TypeScript loader that was registered from code and not by a flag. */
function loader() {
  if (!import.meta.filename.endsWith('.ts')) return {}
  return { execArgv: [`--import=${import.meta.resolve('@poppinss/ts-exec')}`] }
}
