/** A queue with a worker at concurrency 16 whose work is nothing, as what is measured sees it. */
export interface MeasuredQueue {
  add(count: number): Promise<void>
  /** Works until the answer is called. `begun` is called as each job's handler starts. */
  work(begun: () => void): Promise<() => Promise<void>>
  /** Jobs that are not done. */
  left(): Promise<number>
}

export const CONCURRENCY = 16

export type QueueQuestion = { drain: number } | { latencies: number }

const PAUSE_MS = 25

/** As a process: told how many jobs, it answers how long they took, in milliseconds. */
export function serveQueue(queue: MeasuredQueue) {
  process.on('message', async (question: QueueQuestion) => {
    process.send!(
      'drain' in question
        ? await drain(queue, question.drain)
        : await latencies(queue, question.latencies)
    )
  })
  process.on('SIGTERM', () => process.exit(0))
  process.send!('ready')
}

/** From the start of a worker on a full queue to the queue being empty. */
async function drain(queue: MeasuredQueue, count: number): Promise<number> {
  await queue.add(count)
  const began = performance.now()
  let begun = 0
  const all = Promise.withResolvers<void>()
  const stop = await queue.work(() => {
    if (++begun === count) all.resolve()
  })
  await all.promise
  while ((await queue.left()) > 0) await pause(1)
  const ms = performance.now() - began
  await stop()
  if (begun !== count) throw new Error(`${begun} of ${count} jobs were begun.`)
  return ms
}

/** From adding a job to an idle queue to its handler. */
async function latencies(queue: MeasuredQueue, count: number): Promise<number[]> {
  let begun = Promise.withResolvers<void>()
  const stop = await queue.work(() => begun.resolve())
  const all: number[] = []
  for (let n = 0; n < count; n++) {
    await pause(PAUSE_MS)
    begun = Promise.withResolvers()
    const began = performance.now()
    await queue.add(1)
    await begun.promise
    all.push(performance.now() - began)
  }
  while ((await queue.left()) > 0) await pause(5)
  await stop()
  return all
}

function pause(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
