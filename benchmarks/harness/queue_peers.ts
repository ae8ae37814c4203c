import { connect } from 'node:net'
import { startChild, type Child } from './child.js'
import { prepareDatabase } from './app_process.js'
import { useDatabase, type BenchDatabase } from './database.js'
import { installPeers } from './peers.js'
import type { QueueQuestion } from './queue_program.js'

export interface QueueSides {
  database: BenchDatabase
  daygen: MeasuredChild
  graphile: MeasuredChild
  boss: MeasuredChild
  /** `null` where no Redis is to be had. */
  bull: MeasuredChild | null
}

export class MeasuredChild {
  constructor(private readonly child: Child) {}

  drain(count: number): Promise<number> {
    return this.child.ask({ drain: count } satisfies QueueQuestion)
  }

  latencies(count: number): Promise<number[]> {
    return this.child.ask({ latencies: count } satisfies QueueQuestion)
  }
}

/** Each queue as a process of its own, the ones on Postgres in one durable database. */
export async function startQueues(
  lifetime: AsyncDisposableStack,
  directory: string
): Promise<QueueSides> {
  installPeers()
  const database = await useDatabase(lifetime, directory)
  prepareDatabase({ databaseUrl: database.url, directory, worker: 'off' })
  const redisUrl = process.env.REDIS_URL || 'redis://127.0.0.1:6379'
  const start = async (file: string) => {
    const env = { DATABASE_URL: database.url, REDIS_URL: redisUrl, NODE_ENV: 'production' }
    const child = startChild(lifetime, { file: new URL(file, import.meta.url), env, directory })
    await child.hear()
    return new MeasuredChild(child)
  }
  return {
    database,
    daygen: await start('./daygen_queue.ts'),
    graphile: await start('../peers/graphile_worker.ts'),
    boss: await start('../peers/pg_boss.ts'),
    bull: (await answers(redisUrl)) ? await start('../peers/bullmq.ts') : null,
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: hostname, port: Number(port || 6379) })
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
