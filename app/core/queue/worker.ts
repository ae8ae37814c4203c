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
/** Work apart is looked for no more often: each look is a call of its own. */
const APART_EVERY_MS = 250
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
  #claimingApart: Promise<void> | null = null
  #lookedApartAt = 0
  #apartTimer: NodeJS.Timeout | null = null
  #stopping = true
  /** Jobs that this process was told of and that are not yet claimed. */
  #arriving = 0
  /** Kinds that share the places of this process, and those that have places of their own. */
  readonly #shared: string[]
  readonly #apart: JobHandler[]
  #stopListening: (() => void)[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#handlers = new Map(parts.handlers.map((handler) => [handler.kind, handler]))
    this.#apart = parts.handlers.filter(({ placesApart }) => placesApart !== undefined)
    this.#shared = [...this.#handlers.keys()].filter((kind) => !this.#isApart(kind))
  }

  start() {
    const { queue, settings } = this.#parts
    this.#stopping = false
    this.#stopListening = [
      queue.onWork(() => this.#look()),
      queue.onCancel(({ accountId, jobId }) => {
        for (const { job, abort } of this.#running) {
          if (job.accountId === accountId && job.id === jobId) abort.abort('canceled')
        }
      }),
    ]
    this.#every(settings.idlePoll, () => this.#look())
    this.#every(settings.heartbeat, () => this.#heartbeat())
    this.#every(settings.sweep, () => this.#sweep())
    for (const sweep of this.#parts.sweeps ?? []) {
      this.#every(sweep.everyMs ?? settings.sweep, () => this.#sweepBeside(sweep))
    }
    this.#look()
  }

  /** Does a step of the job that this process is told of: until it ended, waits again or broke. */
  async deliver(ref: JobRef): Promise<Delivered> {
    const { queue, limits, settings } = this.#parts
    if (this.#stopping) return { effect: 'none', standing: null, why: 'stopped' }
    const hasPlace = this.#free() > this.#arriving
    const apart = this.#apart.filter((handler) => this.#freeApart(handler) > 0)
    const kinds = [...(hasPlace ? this.#shared : []), ...apart.map(({ kind }) => kind)]
    if (kinds.length === 0) return { effect: 'none', standing: null, why: 'full' }
    this.#arriving++
    const claim = await queue
      .claimOne({
        ref,
        worker: this.name,
        kinds,
        leaseMs: settings.lease,
        limits: limits?.(),
      })
      .finally(() => this.#arriving--)
    if (claim.is === 'waiting' && this.#handlers.has(claim.kind) && !kinds.includes(claim.kind)) {
      return { effect: 'none', standing: null, why: 'full' }
    }
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
    if (this.#apartTimer) clearTimeout(this.#apartTimer)
    const claims = [this.#claiming, this.#claimingApart]
    const drained = Promise.all([...claims, ...[...this.#running].map(({ done }) => done)])
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

  #isApart(kind: string): boolean {
    return this.#apart.some((handler) => handler.kind === kind)
  }

  /** Places for those that share them. */
  #free(): number {
    const taken = [...this.#running].filter(({ job }) => !this.#isApart(job.kind))
    return this.#parts.settings.concurrency - taken.length
  }

  #freeApart({ kind, placesApart }: JobHandler): number {
    return placesApart! - [...this.#running].filter(({ job }) => job.kind === kind).length
  }

  async #look() {
    this.#lookApart()
    await this.#claim()
  }

  /** Not at once after the last look, but for sure after this word. */
  #lookApart() {
    if (this.#apart.length === 0 || this.#stopping || this.#apartTimer) return
    if (this.#parts.queue.delivery === 'push') return
    const pause = Math.max(0, this.#lookedApartAt + APART_EVERY_MS - performance.now())
    const look = () => {
      this.#apartTimer = null
      this.#lookedApartAt = performance.now()
      this.#claimingApart = this.#fillApart().catch((error) =>
        this.#parts.logger.error({ err: error }, 'the worker could not claim jobs')
      )
    }
    if (pause === 0) look()
    else this.#apartTimer = setTimeout(look, pause).unref()
  }

  async #fillApart() {
    for (const handler of this.#apart) {
      const free = this.#freeApart(handler)
      if (free > 0) await this.#claimOf([handler.kind], free)
    }
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
    const free = this.#free()
    if (free <= 0) return
    const jobs = await this.#claimOf(this.#shared, free)
    if (jobs.length === free) this.#again = true
  }

  /** Takes at most so many of these kinds, and begins them. */
  async #claimOf(kinds: string[], limit: number): Promise<ClaimedJob[]> {
    const { queue, limits, settings } = this.#parts
    const jobs = await queue.claim({
      worker: this.name,
      kinds,
      limit,
      leaseMs: settings.lease,
      limits: limits?.(),
    })
    if (jobs.length > 0) failpoint('after-claim')
    // Asked for before the stop began: others may have them now, not when the leases end.
    if (this.#stopping) await Promise.all(jobs.map((job) => queue.handBack(leaseOf(job))))
    else for (const job of jobs) this.#run(job)
    return jobs
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
        setImmediate(() => (this.#isApart(job.kind) ? this.#lookApart() : this.#claim()))
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
    else await this.#look()
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
