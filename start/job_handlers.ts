import type { ApplicationService } from '@adonisjs/core/types'
import type { JobHandler } from '#core/queue/job_handler'
import { AdvanceBatchJob } from '#app/batches/jobs/advance_batch_job'
import { RunGenerationJob } from '#app/generations/jobs/run_generation_job'
import { DeliverWebhookJob } from '#app/webhooks/jobs/deliver_webhook_job'

/** Who does the work of each kind of job, in every process that works on jobs. A line for each. */
const HANDLERS = [RunGenerationJob, DeliverWebhookJob, AdvanceBatchJob]

export function makeJobHandlers({ container }: ApplicationService): Promise<JobHandler[]> {
  return Promise.all(HANDLERS.map((handler) => container.make(handler)))
}
