import { JobFailure, PlainJobHandler, type JobHandler } from './job_handler.js'
import type { JobQueue } from './job_queue.js'
import type { ClaimedJob, JobError } from './types.js'

interface Parts {
  queue: JobQueue
  handler: JobHandler
  logger: { error(facts: object, message: string): void }
}

/** Takes a claimed job to its end or back into the queue. */
export async function runJob(parts: Parts, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const { handler } = parts
  if (!(handler instanceof PlainJobHandler)) return handler.handle(job, signal)
  const lease = { accountId: job.accountId, jobId: job.id, token: job.token }
  if (job.attempt > triesOf(handler, job)) {
    // Each try took its worker with it: nobody was left to end the job.
    const message = 'The worker was lost in each of its tries.'
    await parts.queue.finish(lease, { state: 'failed', error: { class: 'internal', message } })
    return
  }
  const timeout = AbortSignal.timeout(handler.timeout)
  try {
    await handler.handle(job, AbortSignal.any([signal, timeout]))
  } catch (error) {
    if (signal.reason === 'lease_lost') return
    if (signal.reason === 'draining') {
      await parts.queue.handBack(lease)
      parts.queue.wake()
    } else if (signal.reason === 'canceled') {
      await parts.queue.finish(lease, { state: 'canceled' })
    } else {
      await retryOrFail({ ...parts, handler }, job, timeout.aborted ? lateness(handler) : error)
    }
    return
  }
  await parts.queue.finish(lease, { state: 'succeeded' })
}

async function retryOrFail(
  { queue, handler, logger }: Parts & { handler: PlainJobHandler },
  job: ClaimedJob,
  raw: unknown
) {
  const lease = { accountId: job.accountId, jobId: job.id, token: job.token }
  const failure = raw instanceof JobFailure ? raw : null
  const error: JobError = {
    class: 'internal',
    message: failure?.message ?? 'The work broke; the log says how.',
    providerCode: failure?.options.code,
  }
  // What it did not foresee is a fault of ours, and only the log may know it whole.
  const facts = { err: failure ? undefined : raw, job: job.id, kind: job.kind }
  if (!failure) logger.error(facts, 'a job handler broke')
  const runAt = failure?.options.retry === false ? null : nextTry(handler, job, failure)
  if (!runAt) {
    await queue.finish(lease, { state: 'failed', error })
    return
  }
  await queue.retry(lease, { runAt, error })
  setTimeout(() => queue.wake(), Math.min(runAt.getTime() - Date.now(), LONGEST_TIMER_MS)).unref()
}

/** Longer ones ring at once. Who is due later is found by the polls. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function triesOf({ retryDelays }: PlainJobHandler, { maxAttempts }: ClaimedJob): number {
  return Math.min(maxAttempts, retryDelays.length + 1)
}

function nextTry(
  handler: PlainJobHandler,
  job: ClaimedJob,
  failure: JobFailure | null
): Date | null {
  if (job.attempt >= triesOf(handler, job)) return null
  const wait = Math.max(handler.retryDelays[job.attempt - 1], failure?.options.retryAfter ?? 0)
  // A tenth of chance, so that what failed together does not come back together.
  const due = new Date(Date.now() + wait * (1 + Math.random() / 10))
  return due < job.deadline ? due : null
}

function lateness({ timeout }: PlainJobHandler) {
  return new JobFailure(`The work took longer than ${timeout / 1000} seconds.`)
}
