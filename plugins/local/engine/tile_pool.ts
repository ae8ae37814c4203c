import { Worker } from 'node:worker_threads'
import { Stopped } from '../errors.js'
import type { TileReport, TileTask } from './worker.js'

interface Order {
  task: TileTask
  done(report: TileReport): void
  fail(error: unknown): void
}

interface Thread {
  worker: Worker
  order: Order | null
}

/**
 * Threads that enlarge tiles, in the order in which they were asked for. They start when there
 * is work, stay warm for `idleMs`, and never keep the process alive on their own.
 */
export class TilePool {
  readonly #threads: Thread[] = []
  readonly #waiting: Order[] = []
  readonly #size: number
  readonly #idleMs: number
  #idle?: NodeJS.Timeout

  constructor({ size, idleMs }: { size: number; idleMs: number }) {
    this.#size = size
    this.#idleMs = idleMs
  }

  /**
   * Settles when the tile is written. After an abort it rejects at once; a tile that is being
   * computed ends by itself and is then ignored.
   */
  run(task: TileTask, signal?: AbortSignal): Promise<TileReport> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new Stopped())
      const stop = () => {
        const place = this.#waiting.indexOf(order)
        if (place >= 0) this.#waiting.splice(place, 1)
        reject(new Stopped())
      }
      const order: Order = {
        task,
        done: (report) => {
          signal?.removeEventListener('abort', stop)
          resolve(report)
        },
        fail: (error) => {
          signal?.removeEventListener('abort', stop)
          reject(error)
        },
      }
      signal?.addEventListener('abort', stop, { once: true })
      this.#waiting.push(order)
      this.#assign()
    })
  }

  /** Ends the threads. Work that is under way fails as stopped. */
  async close() {
    clearTimeout(this.#idle)
    for (const order of this.#waiting.splice(0)) order.fail(new Stopped())
    const threads = this.#threads.splice(0)
    for (const { order } of threads) order?.fail(new Stopped())
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  #assign() {
    clearTimeout(this.#idle)
    while (this.#waiting.length > 0) {
      const thread = this.#threads.find(({ order }) => order === null) ?? this.#start()
      if (!thread) return
      thread.order = this.#waiting.shift()!
      thread.worker.ref()
      thread.worker.postMessage(thread.order.task)
    }
    if (this.#threads.every(({ order }) => order === null)) {
      this.#idle = setTimeout(() => this.close(), this.#idleMs).unref()
    }
  }

  #start(): Thread | null {
    if (this.#threads.length >= this.#size) return null
    const worker = new Worker(new URL('./worker.js', import.meta.url), loader())
    const thread: Thread = { worker, order: null }
    worker.on('message', (report: TileReport) => this.#finish(thread, report))
    worker.on('error', (error) => this.#lose(thread, error))
    worker.on('exit', () => this.#lose(thread, new Error('A thread of the upscaler ended.')))
    this.#threads.push(thread)
    return thread
  }

  #finish(thread: Thread, report: TileReport) {
    const order = thread.order
    thread.order = null
    thread.worker.unref()
    if (report.error) order?.fail(new Error(report.error))
    else order?.done(report)
    this.#assign()
  }

  /** The next tile starts another thread. */
  #lose(thread: Thread, error: Error) {
    const place = this.#threads.indexOf(thread)
    if (place < 0) return
    this.#threads.splice(place, 1)
    thread.order?.fail(error)
    this.#assign()
  }
}

/** A thread does not inherit a TypeScript loader that was registered from code and not by a flag. */
function loader() {
  if (!import.meta.filename.endsWith('.ts')) return {}
  return { execArgv: [`--import=${import.meta.resolve('@poppinss/ts-exec')}`] }
}
