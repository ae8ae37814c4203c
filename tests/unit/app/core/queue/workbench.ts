import { setImmediate as turn } from 'node:timers/promises'
import type { ClaimLimits } from '#core/queue/claim_limits'
import { JobHandler } from '#core/queue/job_handler'
import type { JobQueue } from '#core/queue/job_queue'
import type { MeteredJobs } from '#core/queue/metered_jobs'
import type { ClaimedJob, Lease } from '#core/queue/types'
import { Worker, type Sweep } from '#core/queue/worker'
import type { Streams } from '#core/streams/streams'

export const HOUR = 3_600_000

export const job = (id: string, token = 1n): ClaimedJob => ({
  accountId: 'org_a',
  id,
  kind: 'work',
  payload: {},
  attempt: 1,
  maxAttempts: 1,
  token,
  handle: null,
  inDoubt: false,
  attemptBeganAt: null,
  createdAt: new Date(),
  deadline: new Date(Date.now() + HOUR),
  traceparent: null,
})

/** A handler whose jobs end when the test says so. */
class Workbench extends JobHandler {
  constructor(
    readonly kind = 'work',
    readonly placesApart?: number
  ) {
    super()
  }

  readonly open: { id: string; signal: AbortSignal; end: () => void; break: () => void }[] = []

  handle({ id }: ClaimedJob, signal: AbortSignal) {
    return new Promise<void>((resolve, reject) => {
      const leave = (then: () => void) => () => {
        this.open.splice(this.open.indexOf(entry), 1)
        then()
      }
      const entry = {
        id,
        signal,
        end: leave(resolve),
        break: leave(() => reject(new Error('broken'))),
      }
      this.open.push(entry)
      signal.addEventListener('abort', () => signal.reason === 'draining' && entry.end())
    })
  }

  clear() {
    for (const { end } of [...this.open]) end()
  }

  get ids() {
    return this.open.map(({ id }) => id)
  }
}

/** A worker over a queue that does as the test says. Timers never fire by themselves. */
export function setUp(
  waiting: ClaimedJob[],
  options: Partial<Record<keyof JobQueue, unknown>> = {}
) {
  const calls = { limits: [] as number[], handedBack: [] as Lease[], announced: [] as string[] }
  const listeners = { work: () => {}, cancel: (_: { accountId: string; jobId: string }) => {} }
  const logged: string[] = []
  const queue = {
    async claim({ kinds, limit }: { kinds: string[]; limit: number }) {
      calls.limits.push(limit)
      const due = waiting.filter(({ kind }) => kinds.includes(kind)).slice(0, limit)
      for (const one of due) waiting.splice(waiting.indexOf(one), 1)
      return due
    },
    heartbeat: async (leases: Lease[]) => leases.map((one) => ({ ...one, cancelRequested: false })),
    handBack: async (lease: Lease) => calls.handedBack.push(lease) > 0,
    requeueLost: async () => [],
    overdue: async () => [],
    onWork(listener: () => void) {
      listeners.work = listener
      return () => (listeners.work = () => {})
    },
    onCancel(listener: typeof listeners.cancel) {
      listeners.cancel = listener
      return () => (listeners.cancel = () => {})
    },
    delivery: 'pull',
    wake() {},
    ...options,
  } as unknown as JobQueue
  const bench = new Workbench()
  const apart = new Workbench('errand', 1)
  const make = (
    metered: Partial<MeteredJobs> = {},
    times: Record<string, number> = {},
    sweeps: Sweep[] = [],
    limits?: () => ClaimLimits,
    { withApart = false } = {}
  ) =>
    new Worker({
      sweeps,
      limits,
      queue,
      metered: metered as MeteredJobs,
      streams: {
        announce: (_: string, id: string) => calls.announced.push(id),
      } as unknown as Streams,
      handlers: withApart ? [bench, apart] : [bench],
      settings: {
        concurrency: 2,
        lease: 30_000,
        heartbeat: HOUR,
        idlePoll: HOUR,
        sweep: HOUR,
        drain: 0,
        ...times,
      },
      logger: {
        error: (_, message) => logged.push(message),
        info: (_, message) => logged.push(message),
      },
    })
  return { bench, apart, make, calls, listeners, logged, waiting }
}

/** Lets everything that can go on do so. */
export async function settled() {
  for (let round = 0; round < 10; round++) await turn()
}

/** Lets timers of a millisecond fire until the test is content. */
export async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}
