import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { Connection, encode, type RequestText } from './connection.js'

export interface Gathering {
  port: number
  path: string
  headers: Record<string, string>
  count: number
}

export interface Telling {
  port: number
  request: RequestText
  /** What every listener hears once. */
  marker: string
}

export interface TellingResult {
  status: number
  /** From the request to the moment when the last had the event. */
  ms: number
}

const OPEN_AT_ONCE = 100
/** The ports of one address would run short beside those that are still closing. */
const PER_ADDRESS = 5_000

/**
 * As a process: gathers listeners, raw sockets that read no more than they must, then tells one event
 * after the other and times each.
 */
let heard = 0
let wanted = Number.POSITIVE_INFINITY
let marker: Buffer | null = null
let allHeard = (_at: number) => {}
const sockets: Socket[] = []

process.on('message', async (message: { gather: Gathering } | { tell: Telling } | 'count') => {
  if (message === 'count') process.send!(heard)
  else if ('tell' in message) process.send!(await tell(message.tell))
  else {
    await gather(message.gather)
    process.send!('gathered')
  }
})
process.on('SIGTERM', () => process.exit(0))

async function gather({ port, path, headers, count }: Gathering) {
  const fields = Object.entries({ Host: '127.0.0.1', ...headers })
  const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  let opened = 0
  const one = async () => {
    while (opened < count) {
      const localAddress = `127.0.0.${2 + Math.floor(opened++ / PER_ADDRESS)}`
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      await once(socket, 'connect')
      socket.write(`GET ${path} HTTP/1.1\r\n${text}\r\n`)
      await welcomed(socket)
      socket.on('data', hear)
      sockets.push(socket)
    }
  }
  await Promise.all(Array.from({ length: OPEN_AT_ONCE }, one))
}

async function tell({ port, request, marker: text }: Telling): Promise<TellingResult> {
  const connection = await Connection.open(port)
  marker = Buffer.from(text)
  wanted = heard + sockets.length
  const last = new Promise<number>((resolve) => (allHeard = resolve))
  const start = performance.now()
  const [status, end] = await Promise.all([connection.send(encode(request)), last])
  connection.close()
  return { status, ms: end - start }
}

function hear(part: Buffer) {
  if (marker && part.includes(marker) && ++heard === wanted) allHeard(performance.now())
}

/** Until the head and what the server says first are here. */
async function welcomed(socket: Socket) {
  let text = ''
  while (!/^HTTP\/1\.1 200[^]*?\r\n\r\n[^]*\n\n/.test(text)) {
    const [part] = (await once(socket, 'data')) as [Buffer]
    text += part.toString('latin1')
    if (/^HTTP\/1\.1 (?!200)/.test(text)) throw new Error(`A stream was refused:\n${text}`)
  }
}
