import type { protos } from '@google-cloud/tasks'
import type { CloudTasks } from './cloud_tasks.js'

type WireQueue = protos.google.cloud.tasks.v2.IQueue

/** What one queue does at most: one dispatches 500 tasks a second and 5,000 at once, no more. */
export interface QueuePace {
  perSecond: number
  atOnce: number
}

export interface QueueReport {
  name: string
  change: 'create' | 'update' | 'none'
  /** What is not as it should be, in words: `400 tasks/s instead of 100`. */
  differences: string[]
  /** Somebody has paused it: its tasks wait until it is resumed. */
  isPaused: boolean
}

/** The client would try for ten minutes; an operator waits at a terminal. */
const ONCE = { timeout: 10_000, retry: null }
const NOT_FOUND = 5
const ALREADY_EXISTS = 6

/**
 * How a task is pushed again that was not answered with 2xx. Both ends have to be reached before it is
 * given up: by then every job of it has ended by its deadline, or is owed another task.
 */
const RETRY = { attempts: 100, seconds: 24 * 3600, minSeconds: 1, maxSeconds: 60, doublings: 5 }

/** The queues as they should be at Google's, made or changed to that. Does nothing the second time. */
export class CloudTasksQueues {
  constructor(private readonly tasks: CloudTasks) {}

  /** What `apply` would do. */
  plan(pace: QueuePace): Promise<QueueReport[]> {
    return this.#each(pace, async () => {})
  }

  async apply(pace: QueuePace): Promise<QueueReport[]> {
    const client = await this.tasks.client()
    return this.#each(pace, async ({ change }, queue) => {
      if (change === 'update') {
        const updateMask = { paths: ['rate_limits', 'retry_config'] }
        await client.updateQueue({ queue, updateMask }, ONCE)
      } else if (change === 'create') {
        const parent = queue.name!.split('/queues/')[0]
        await client.createQueue({ parent, queue }, ONCE).catch((error) => {
          // Somebody else set it up at the same time.
          if (error.code !== ALREADY_EXISTS) throw error
        })
      }
    })
  }

  async #each(
    pace: QueuePace,
    work: (report: QueueReport, wanted: WireQueue) => Promise<void>
  ): Promise<QueueReport[]> {
    const reports: QueueReport[] = []
    for (const name of this.tasks.queues) {
      const wanted = queueOf(name, pace)
      const report = reportOf(await this.#find(name), wanted)
      await work(report, wanted)
      reports.push(report)
    }
    return reports
  }

  async #find(name: string): Promise<WireQueue | null> {
    const client = await this.tasks.client()
    try {
      const [queue] = await client.getQueue({ name }, ONCE)
      return queue
    } catch (error) {
      if ((error as { code?: number }).code === NOT_FOUND) return null
      throw error
    }
  }
}

function queueOf(name: string, { perSecond, atOnce }: QueuePace): WireQueue {
  return {
    name,
    rateLimits: { maxDispatchesPerSecond: perSecond, maxConcurrentDispatches: atOnce },
    retryConfig: {
      maxAttempts: RETRY.attempts,
      maxRetryDuration: { seconds: RETRY.seconds },
      minBackoff: { seconds: RETRY.minSeconds },
      maxBackoff: { seconds: RETRY.maxSeconds },
      maxDoublings: RETRY.doublings,
    },
  }
}

function reportOf(found: WireQueue | null, wanted: WireQueue): QueueReport {
  const name = wanted.name!.split('/').at(-1)!
  if (!found) return { name, change: 'create', differences: [], isPaused: false }
  const [have, want] = [factsOf(found), factsOf(wanted)]
  const differences = Object.keys(want)
    .filter((fact) => have[fact] !== want[fact])
    .map((fact) => `${want[fact]} ${fact} instead of ${have[fact]}`)
  const isPaused = found.state === 'PAUSED' || found.state === 'DISABLED'
  return { name, change: differences.length > 0 ? 'update' : 'none', differences, isPaused }
}

/** By the words that an operator reads. */
function factsOf({ rateLimits, retryConfig }: WireQueue): Record<string, number> {
  const seconds = (span?: { seconds?: unknown } | null) => Number(span?.seconds ?? 0)
  return {
    'tasks/s': rateLimits?.maxDispatchesPerSecond ?? 0,
    'at once': rateLimits?.maxConcurrentDispatches ?? 0,
    'tries': retryConfig?.maxAttempts ?? 0,
    's of tries': seconds(retryConfig?.maxRetryDuration),
    's shortest wait': seconds(retryConfig?.minBackoff),
    's longest wait': seconds(retryConfig?.maxBackoff),
    'doublings': retryConfig?.maxDoublings ?? 0,
  }
}
