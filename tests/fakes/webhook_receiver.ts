import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  headers: IncomingHttpHeaders
  /** As it came over the wire. */
  text: string
  body: Record<string, any>
}

type Respond = (response: ServerResponse, n: number) => void

/** Somebody's server that takes webhooks, over real HTTP on this machine. Answers 204 until told otherwise. */
export class WebhookReceiver {
  readonly received: Received[] = []
  respond: Respond = (response) => response.writeHead(204).end()
  #heard = () => {}

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await new Promise((resolve) => receiver.#server.once('listening', resolve))
    return receiver
  }

  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    this.received.push({ headers: request.headers, text, body: JSON.parse(text) })
    this.respond(response, this.received.length)
    this.#heard()
  })

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`
  }

  answers(status: number, body = '', headers: Record<string, string> = {}) {
    this.respond = (response) => response.writeHead(status, headers).end(body)
  }

  /** Once so many have come. */
  async until(count: number): Promise<Received[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
    return this.received
  }

  close() {
    this.#server.close().closeAllConnections()
  }
}
