import { inject } from '@adonisjs/core'
import type { Actor } from '#core/ledger/types'
import { MeteredJobs, type CancelResult } from '#core/queue/metered_jobs'
import { Streams } from '#core/streams/streams'
import { generationQuery } from '#app/generations/queries/generation_query'

/** Ends a queued generation, or asks the worker of a running one to stop. */
@inject()
export class CancelGeneration {
  constructor(
    private readonly metered: MeteredJobs,
    private readonly streams: Streams
  ) {}

  async handle(request: { accountId: string; id: string; actor: Actor }): Promise<CancelResult> {
    const generation = await generationQuery(request.accountId, request.id)
    if (!generation) return { outcome: 'missing' }
    const result = await this.metered.cancel(
      { accountId: request.accountId, jobId: generation.jobId },
      request.actor
    )
    this.streams.announce(request.accountId, generation.jobId)
    return result
  }
}
