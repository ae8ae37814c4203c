import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

const HEAD_END = Buffer.from('\r\n\r\n')

export interface RequestText {
  path: string
  headers: Record<string, string>
  body: string
}

/** A POST as its bytes, so that sending costs the generator next to nothing. */
export function encode({ path, headers, body }: RequestText): Buffer {
  const lines = Object.entries({
    'Host': '127.0.0.1',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/**
 * One keep-alive connection, one request at a time. It reads no more of an answer than it must:
 * a client library would take as much of the machine's two cores as the server that is measured.
 */
export class Connection {
  #received: Buffer = Buffer.alloc(0)
  #answered!: (status: number) => void
  #failed!: (error: Error) => void

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.on('data', (part) => this.#read(part))
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('The server closed the connection.')))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Resolves with the status once the whole answer is here. */
  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.socket.write(request)
    })
  }

  close() {
    this.#failed = () => {}
    this.socket.destroy()
  }

  #read(part: Buffer) {
    this.#received = this.#received.length === 0 ? part : Buffer.concat([this.#received, part])
    const end = this.#received.indexOf(HEAD_END)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (!length) return this.#failed(new Error(`An answer without a length:\n${head}`))
    if (this.#received.length < end + HEAD_END.length + Number(length[1])) return
    this.#received = Buffer.alloc(0)
    this.#answered(Number(head.slice(9, 12)))
  }
}
