import { inject } from '@adonisjs/core'
import { JobHandler } from '#core/queue/job_handler'
import type { ClaimedJob } from '#core/queue/types'
import { RunGeneration } from '#app/generations/actions/run_generation'

@inject()
export class RunGenerationJob extends JobHandler {
  readonly kind = 'generation'

  constructor(private readonly run: RunGeneration) {
    super()
  }

  handle(job: ClaimedJob, signal: AbortSignal) {
    return this.run.handle(job, signal)
  }
}
