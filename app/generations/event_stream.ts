import type { HttpContext } from '@adonisjs/core/http'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import settings from '#config/streams'
import { openStreams, type OpenStream } from '#app/identity/open_streams'

/**
 * One answer of server-sent events. A reader who does not take what is there is cut: it comes
 * back by the id it saw last, and nothing is kept for it meanwhile but the rows.
 */
export class EventStream {
  readonly #gone = new AbortController()
  readonly #stream: OpenStream

  /** Throws, as long as an error can be answered, when there are too many. */
  static open({ request, response }: HttpContext, whose: Omit<OpenStream, 'end'>): EventStream {
    const stream = new EventStream(response.response, whose)
    // The stream writes past the framework, which holds the headers of every answer until its end.
    response.relayHeaders()
    response.response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.response.flushHeaders()
    if (request.method() === 'HEAD') stream.end()
    return stream
  }

  private constructor(
    private readonly response: ServerResponse,
    whose: Omit<OpenStream, 'end'>
  ) {
    this.#stream = { ...whose, end: () => this.end() }
    openStreams.enter(this.#stream)
    response.once('close', () => this.end())
  }

  /** Aborts when the reader has gone, or was sent away. */
  get closed(): AbortSignal {
    return this.#gone.signal
  }

  /** Writes texts until they end or the reader goes, and something in between when there are none. */
  async send(texts: AsyncIterable<string>, heartbeat: () => string) {
    const beats = setInterval(() => {
      if (!this.#isBehind) this.#write(heartbeat())
    }, settings.heartbeat)
    try {
      for await (const text of texts) {
        if (this.#isBehind && !(await this.#catchesUp())) this.response.destroy()
        this.#write(text)
      }
    } finally {
      clearInterval(beats)
      this.end()
    }
  }

  end() {
    openStreams.leave(this.#stream)
    this.#gone.abort()
    // Who has not read so far will not read the end.
    if (this.#isBehind) this.response.destroy()
    else this.response.end()
  }

  get #isBehind(): boolean {
    return this.response.writableLength > settings.backlog.bytes
  }

  async #catchesUp(): Promise<boolean> {
    const waited = new AbortController()
    const signal = AbortSignal.any([waited.signal, this.closed])
    const drained = once(this.response, 'drain', { signal }).then(
      () => true,
      () => false
    )
    const tooLate = wait(settings.backlog.ms, false, { signal }).catch(() => false)
    return Promise.race([drained, tooLate]).finally(() => waited.abort())
  }

  #write(text: string) {
    if (text && !this.closed.aborted && !this.response.destroyed) this.response.write(text)
  }
}
