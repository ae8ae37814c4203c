import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { TERMINAL_EVENTS } from '#core/streams/streams'
import type { RequestText } from './connection.js'

export interface Stories {
  port: number
  count: number
  ask: RequestText
  /** Whether the answer names a stream of events to follow to its end, or is all there is. */
  follow: boolean
}

export interface StoriesResult {
  latenciesMs: number[]
  /** How they ended: the last event, or the status where there is none to follow. */
  endings: Record<string, number>
}

/** As a process: one request after the other, each followed to its last event. */
const agent = new Agent({ keepAlive: true })

process.on('message', async (stories: Stories) => process.send!(await tell(stories)))
process.on('SIGTERM', () => process.exit(0))

async function tell({ port, count, ask, follow }: Stories): Promise<StoriesResult> {
  const result: StoriesResult = { latenciesMs: [], endings: {} }
  for (let n = 0; n < count; n++) {
    const start = performance.now()
    const answer = await post(port, ask)
    const ending = follow ? await lastEvent(answer) : String(answer.status)
    result.latenciesMs.push(performance.now() - start)
    result.endings[ending] = (result.endings[ending] ?? 0) + 1
  }
  return result
}

async function post(port: number, { path, headers, body }: RequestText) {
  const call = request({
    agent,
    port,
    path,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
  })
  call.end(body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return { status: response.statusCode!, body: JSON.parse(await text(response)) }
}

/** Reads the stream that the answer names. Its time ends with the event, not with the connection. */
async function lastEvent({ status, body }: Awaited<ReturnType<typeof post>>): Promise<string> {
  if (!body.links) return String(status)
  const call = request(body.links.events, { agent })
  call.end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  let read = ''
  for await (const part of response.setEncoding('utf8')) {
    read += part
    const ended = read.match(/^event: .+$/gm)?.find((line) => TERMINAL_EVENTS.has(line.slice(7)))
    if (ended) return ended.slice(7)
  }
  return 'no last event'
}
