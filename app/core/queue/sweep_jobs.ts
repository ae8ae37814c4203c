import { failpoint } from '../failpoint.js'
import type { Streams } from '../streams/streams.js'
import type { JobQueue } from './job_queue.js'
import type { MeteredJobs } from './metered_jobs.js'

interface Parts {
  queue: JobQueue
  metered: MeteredJobs
  streams: Streams
  logger: {
    error(facts: object, message: string): void
    info(facts: object, message: string): void
  }
}

/** At once. What is left is for the next sweep. */
const BATCH = 100

/** Requeues jobs whose worker went silent and ends those that nobody will finish. Answers how many are queued again. */
export async function sweepJobs({ queue, metered, streams, logger }: Parts): Promise<number> {
  const lost = await queue.requeueLost(BATCH)
  if (lost.length > 0) failpoint('after-requeue')
  for (const { accountId, jobId } of lost) streams.announce(accountId, jobId)
  for (const { reason, metered: isMetered, ...ref } of await queue.overdue(BATCH)) {
    try {
      const outcome = await (isMetered ? metered.expire(ref, reason) : queue.expire(ref))
      streams.announce(ref.accountId, ref.jobId)
      logger.info({ job: ref.jobId, reason, outcome }, 'ended a job nobody finished')
    } catch (error) {
      // One that cannot be ended must not keep the others from it.
      logger.error({ err: error, job: ref.jobId }, 'a job nobody finished could not be ended')
    }
  }
  return lost.length
}
