import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'
import type { CallbackReading, VendorCallback } from '#core/plugins/model_provider'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { JobQueue } from '#core/queue/job_queue'
import { FINAL_STATES, type JobState } from '#core/queue/types'
import { isOurs, type CallbackAddress } from '#app/generations/callback_url'
import { jobOfCallbackQuery } from '#app/generations/queries/job_of_callback_query'

export type HeardCallback =
  /** We gave nobody this address, or nobody tells us anything there. */
  | { is: 'unknown' }
  /** It is not from the vendor, was altered, or is too old. */
  | { is: 'forged' }
  /** The vendor wants to hear this, and nothing has happened. */
  | { is: 'challenge'; answer: Record<string, unknown> }
  /** The job has ended, or is another provider's by now. */
  | { is: 'late'; state: JobState }
  /** The vendor is asked how the work is. */
  | { is: 'news' }

/**
 * Hears what a vendor tells of a job: at most that it is time to ask. How the work ended is learnt from
 * the vendor itself, by the job's worker and its token; so nothing is written here, whatever comes and
 * however often.
 */
@inject()
export class HearCallback {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly queue: JobQueue,
    private readonly logger: Logger
  ) {}

  async handle(
    address: CallbackAddress,
    token: string,
    callback: VendorCallback
  ): Promise<HeardCallback> {
    if (!isOurs(address, token)) return { is: 'unknown' }
    const { provider, accountId, jobId } = address
    const job = await jobOfCallbackQuery(accountId, jobId)
    if (!job) return { is: 'unknown' }
    if (isFinal(job.state) || job.provider !== provider) return { is: 'late', state: job.state }
    const model = this.registry.find(job.model)
    if (!model?.execution.callback) return { is: 'unknown' }
    const reading = this.#read(model, callback)
    if (reading.is === 'news') await this.queue.poke({ accountId, jobId })
    return reading
  }

  /** What a plugin cannot read was not written by its vendor. */
  #read(model: RegisteredModel, callback: VendorCallback): CallbackReading {
    const { provider } = model
    try {
      const reading = this.registry.provider(model).parseWebhook(callback)
      if (reading.is === 'forged') this.logger.warn({ provider }, 'a callback was not believed')
      return reading
    } catch (error) {
      // Its message may repeat what came.
      const { name } = error as Error
      this.logger.warn({ provider, error: name }, 'a callback could not be read')
      return { is: 'forged' }
    }
  }
}

function isFinal(state: JobState): boolean {
  return FINAL_STATES.some((final) => final === state)
}
