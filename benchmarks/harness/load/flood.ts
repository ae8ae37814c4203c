import { quantile } from '../statistics.js'
import { Connection, encode, type RequestText } from './connection.js'

export interface Flood {
  port: number
  connections: number
  /** No request begins after these seconds, nor after so many requests. */
  seconds: number
  requests: number
}

export interface FloodResult {
  seconds: number
  perSecond: number
  /** Answers by status. */
  statuses: Record<number, number>
  p50Ms: number
  p99Ms: number
}

/** As a process: first hears what may be asked, `RequestText[]` by name, then one flood at a time. */
let requests: Record<string, Buffer[]> = {}

process.on(
  'message',
  async (message: { know: Record<string, RequestText[]> } | { flood: Flood; with: string }) => {
    if ('know' in message) {
      requests = Object.fromEntries(
        Object.entries(message.know).map(([name, texts]) => [name, texts.map(encode)])
      )
      process.send!('known')
    } else {
      process.send!(await flood(message.flood, requests[message.with]))
    }
  }
)
process.on('SIGTERM', () => process.exit(0))

async function flood({ port, connections, seconds, requests: most }: Flood, known: Buffer[]) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  const statuses: Record<number, number> = {}
  const latencies: number[] = []
  let begun = 0
  const start = performance.now()
  const end = start + seconds * 1000

  await Promise.all(
    open.map(async (connection) => {
      for (let sent = performance.now(); sent < end && begun < most; sent = performance.now()) {
        begun++
        const status = await connection.send(known[Math.floor(Math.random() * known.length)])
        statuses[status] = (statuses[status] ?? 0) + 1
        latencies.push(performance.now() - sent)
      }
    })
  )

  const took = (performance.now() - start) / 1000
  for (const connection of open) connection.close()
  return {
    seconds: took,
    perSecond: latencies.length / took,
    statuses,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  } satisfies FloodResult
}
