import { inject } from '@adonisjs/core'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { Quota } from '#core/quota/quota'
import { Streams } from '#core/streams/streams'

/** Of one limit in one call. Whatever more has room is let go at the next look. */
const BATCH = 100

/** Lets generations go on that wait for a limit, once it has room. */
@inject()
export class AdmitWaiting {
  constructor(
    private readonly metered: MeteredJobs,
    private readonly quota: Quota,
    private readonly queue: JobQueue,
    private readonly streams: Streams
  ) {}

  async due(limit: number): Promise<(() => Promise<number>)[]> {
    const gates = await this.metered.openGates(limit)
    return gates.map((gate) => async () => {
      const limits = this.quota.defaults
      const admitted = await this.metered.admit(gate, { limits, limit: BATCH })
      for (const { accountId, jobId } of admitted) this.streams.announce(accountId, jobId)
      if (admitted.length > 0) this.queue.wake()
      return admitted.length
    })
  }
}
