import type { ServerResponse } from 'node:http'
import type { JobEvent } from '#core/streams/streams'

const HEARTBEAT_MS = 15_000
/** A reader that lets more than this pile up is cut; it resumes by the id it saw last. */
const LARGEST_BACKLOG = 64 * 1024

/** Writes job events as server-sent events, until they end or the reader goes. */
export class EventStream {
  readonly #gone = new AbortController()

  constructor(
    private readonly response: ServerResponse,
    headers: Record<string, string>
  ) {
    open.add(this)
    response.once('close', () => this.end())
    response.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.flushHeaders()
  }

  /** Aborts when the reader has gone. */
  get closed(): AbortSignal {
    return this.#gone.signal
  }

  async send(events: AsyncIterable<JobEvent>) {
    const heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS)
    try {
      for await (const event of events) {
        const data = JSON.stringify({
          ...event.data,
          type: event.type,
          created_at: event.createdAt,
        })
        this.#write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${data}\n\n`)
      }
    } finally {
      clearInterval(heartbeat)
      this.end()
    }
  }

  end() {
    open.delete(this)
    this.#gone.abort()
    this.response.end()
  }

  #write(text: string) {
    if (this.response.writableLength > LARGEST_BACKLOG) this.response.destroy()
    else if (!this.response.writableEnded) this.response.write(text)
  }
}

const open = new Set<EventStream>()

/** Ends every stream of this process: it is going away, and readers come back to another. */
export function endEventStreams() {
  for (const stream of open) stream.end()
}
