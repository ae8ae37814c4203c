import { CONCURRENCY, serveQueue } from '../harness/queue_program.js'

/** BullMQ as it comes, on the Redis of REDIS_URL: it keeps its jobs in memory. */
const name: string = 'bullmq'
const { Queue, Worker } = await import(name)
const { hostname, port } = new URL(process.env.REDIS_URL!)
const connection = { host: hostname, port: Number(port || 6379), maxRetriesPerRequest: null }
const prefix = `daygen-bench-${process.pid}`
const queue = new Queue('nothing', {
  connection,
  prefix,
  defaultJobOptions: { removeOnComplete: true },
})

serveQueue({
  async add(count) {
    await queue.addBulk(Array.from({ length: count }, (_, n) => ({ name: 'nothing', data: { n } })))
  },
  async work(begun) {
    const worker = new Worker('nothing', async () => begun(), {
      connection,
      prefix,
      concurrency: CONCURRENCY,
    })
    await worker.waitUntilReady()
    return async () => {
      await worker.close()
      await queue.obliterate({ force: true })
    }
  },
  async left() {
    const { waiting, active } = await queue.getJobCounts('waiting', 'active')
    return waiting + active
  },
})
