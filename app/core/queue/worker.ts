import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { failpoint } from '../failpoint.js'
import type { ClaimLimits } from './claim_limits.js'
import { sweepJobs } from './sweep_jobs.js'
import type { JobHandler } from './job_handler.js'
import type { JobQueue } from './job_queue.js'
import type { MeteredJobs } from './metered_jobs.js'
import { runJob } from './run_job.js'
import type { ClaimedJob, Delivered, JobRef, Lease } from './types.js'
import type { Streams } from '../streams/streams.js'

export interface WorkerSettings {
  concurrency: number
  lease: number
  heartbeat: number
  idlePoll: number
  sweep: number
  drain: number
}

/** Something beside the queue that time ends, if nobody else does. */
export interface Sweep {
  /** What is swept, for the log. */
  name: string
  /** How often, where that is not as often as jobs are swept. */
  everyMs?: number
  /** At most `limit` that are due, each as the way to end it. */
  due(limit: number): Promise<(() => Promise<unknown>)[]>
}

interface Parts {
  queue: JobQueue
  metered: MeteredJobs
  streams: Streams
  handlers: JobHandler[]
  sweeps?: Sweep[]
  /** What a claim has to keep to at this moment. */
  limits?: () => ClaimLimits
  settings: WorkerSettings
  logger: {
    error(facts: object, message: string): void
    info(facts: object, message: string): void
  }
}

interface Running {
  job: ClaimedJob
  abort: AbortController
  done: Promise<void>
}

const SWEEP_BATCH = 100
/** How long a handler that was told to stop may take to hand its job back. */
const HAND_BACK_MS = 2_000

/**
 * Claims jobs and runs their handlers, keeps their leases, and sweeps up after workers
 * that died. One per process; several processes share the work by the queue's claims.
 */
export class Worker {
  readonly name = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`
  readonly #parts: Parts
  readonly #handlers: Map<string, JobHandler>
  /** By run, not by job: one that was lost may come back while its first run still ends. */
  readonly #running = new Set<Running>()
  readonly #timers: NodeJS.Timeout[] = []
  #claiming: Promise<void> | null = null
  #again = false
  #stopping = true
  /** Jobs that this process was told of and that are not yet claimed. */
  #arriving = 0
  #stopListening: (() => void)[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#handlers = new Map(parts.handlers.map((handler) => [handler.kind, handler]))
  }

  start() {
    const { queue, settings } = this.#parts
    this.#stopping = false
    this.#stopListening = [
      queue.onWork(() => this.#claim()),
      queue.onCancel(({ accountId, jobId }) => {
        for (const { job, abort } of this.#running) {
          if (job.accountId === accountId && job.id === jobId) abort.abort('canceled')
        }
      }),
    ]
    this.#every(settings.idlePoll, () => this.#claim())
    this.#every(settings.heartbeat, () => this.#heartbeat())
    this.#every(settings.sweep, () => this.#sweep())
    for (const sweep of this.#parts.sweeps ?? []) {
      this.#every(sweep.everyMs ?? settings.sweep, () => this.#sweepBeside(sweep))
    }
    this.#claim()
  }

  /** Does a step of the job that this process is told of: until it ended, waits again or broke. */
  async deliver(ref: JobRef): Promise<Delivered> {
    const { queue, limits, settings } = this.#parts
    if (this.#stopping) return { effect: 'none', standing: null, why: 'stopped' }
    if (this.#running.size + this.#arriving >= settings.concurrency) {
      return { effect: 'none', standing: null, why: 'full' }
    }
    this.#arriving++
    const claim = await queue
      .claimOne({
        ref,
        worker: this.name,
        kinds: [...this.#handlers.keys()],
        leaseMs: settings.lease,
        limits: limits?.(),
      })
      .finally(() => this.#arriving--)
    if (claim.is !== 'claimed') return { effect: 'none', standing: claim }
    failpoint('after-claim')
    const { job, cancelRequested } = claim
    if (this.#stopping) {
      await queue.handBack(leaseOf(job))
      return { effect: 'none', standing: null, why: 'stopped' }
    }
    await this.#run(job, { cancelRequested })
    return { effect: 'worked', standing: await queue.standing(ref) }
  }

  /** Takes no more work, waits a while for what runs, then hands the rest back to others. */
  async stop() {
    this.#stopping = true
    this.#stopListening.forEach((stop) => stop())
    const drained = Promise.all([this.#claiming, ...[...this.#running].map(({ done }) => done)])
    await Promise.race([drained, wait(this.#parts.settings.drain, undefined, { ref: false })])
    for (const { abort } of this.#running) abort.abort('draining')
    await Promise.race([drained, wait(HAND_BACK_MS, undefined, { ref: false })])
    this.#timers.forEach(clearInterval)
  }

  #every(ms: number, task: () => Promise<void>) {
    this.#timers.push(setInterval(() => this.#guard(task), ms).unref())
  }

  /** A database that is away for a moment must not take the worker with it. */
  #guard(task: () => Promise<void>) {
    task().catch((error) =>
      this.#parts.logger.error({ err: error }, 'the worker could not reach the queue')
    )
  }

  async #claim() {
    if (this.#parts.queue.delivery === 'push') return
    if (this.#claiming || this.#stopping) {
      this.#again = true
      return
    }
    this.#claiming = this.#fillAll()
    await this.#claiming
    this.#claiming = null
  }

  async #fillAll() {
    try {
      do {
        this.#again = false
        await this.#fill()
      } while (this.#again && !this.#stopping)
    } catch (error) {
      this.#parts.logger.error({ err: error }, 'the worker could not claim jobs')
    }
  }

  async #fill() {
    const { queue, limits, settings } = this.#parts
    const free = settings.concurrency - this.#running.size
    if (free <= 0) return
    const jobs = await queue.claim({
      worker: this.name,
      kinds: [...this.#handlers.keys()],
      limit: free,
      leaseMs: settings.lease,
      limits: limits?.(),
    })
    if (jobs.length > 0) failpoint('after-claim')
    // Asked for before the stop began: others may have them now, not when the leases end.
    if (this.#stopping) await Promise.all(jobs.map((job) => queue.handBack(leaseOf(job))))
    else for (const job of jobs) this.#run(job)
    if (jobs.length === free) this.#again = true
  }

  #run(job: ClaimedJob, { cancelRequested = false } = {}): Promise<void> {
    const abort = new AbortController()
    if (cancelRequested) abort.abort('canceled')
    const running: Running = { job, abort, done: Promise.resolve() }
    const { queue, logger } = this.#parts
    const handler = this.#handlers.get(job.kind)!
    running.done = runJob({ queue, handler, logger }, job, abort.signal)
      .catch((error) => {
        // The lease runs out and the job runs again: an unexpected fault is never an outcome.
        logger.error({ err: error, job: job.id }, 'a job handler broke')
      })
      .finally(() => {
        this.#running.delete(running)
        // Those that ended in the same moment are followed by one claim, not by one each.
        setImmediate(() => this.#claim())
      })
    this.#running.add(running)
    return running.done
  }

  async #heartbeat() {
    if (this.#running.size === 0) return
    const { queue, settings } = this.#parts
    const asked = [...this.#running]
    const kept = await queue.heartbeat(
      asked.map(({ job }) => leaseOf(job)),
      settings.lease
    )
    const byKey = new Map(kept.map((lease) => [`${lease.accountId} ${lease.jobId}`, lease]))
    for (const { job, abort } of asked) {
      const lease = byKey.get(`${job.accountId} ${job.id}`)
      if (!lease) abort.abort('lease_lost')
      else if (lease.cancelRequested) abort.abort('canceled')
    }
  }

  async #sweep() {
    const requeued = await sweepJobs(this.#parts)
    if (requeued === 0) return
    if (this.#parts.queue.delivery === 'push') this.#parts.queue.wake()
    else await this.#claim()
  }

  async #sweepBeside({ name, due }: Sweep) {
    const { logger } = this.#parts
    for (const end of await due(SWEEP_BATCH)) {
      try {
        await end()
        logger.info({ swept: name }, 'did what was due')
      } catch (error) {
        logger.error({ err: error, swept: name }, 'something that is due could not be ended')
      }
    }
  }
}

function leaseOf({ accountId, id, token }: ClaimedJob): Lease {
  return { accountId, jobId: id, token }
}
