import { CONCURRENCY, serveQueue } from '../harness/queue_program.js'

/** pg-boss with workers that fetch again at once while there is more, and batches as large as the concurrency. */
const name: string = 'pg-boss'
const { PgBoss } = await import(name)
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, schedule: false })
boss.on('error', (error: Error) => console.error(error))
await boss.start()
await boss.createQueue('nothing')

serveQueue({
  async add(count) {
    await boss.insert(
      'nothing',
      Array.from({ length: count }, (_, n) => ({ data: { n } }))
    )
  },
  async work(begun) {
    const id = await boss.work(
      'nothing',
      { batchSize: CONCURRENCY, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
      async (jobs: unknown[]) => jobs.forEach(() => begun())
    )
    return () => boss.offWork('nothing', { id, wait: true })
  },
  async left() {
    const { queuedCount, activeCount } = await boss.getQueueStats('nothing')
    return queuedCount + activeCount
  },
})
