import { inject } from '@adonisjs/core'
import { PlainJobHandler } from '#core/queue/job_handler'
import type { ClaimedJob } from '#core/queue/types'
import settings from '#config/webhooks'
import { DeliverWebhook } from '#app/webhooks/actions/deliver_webhook'

/** What the answer's timeout does not cover: the database. */
const SLACK_MS = 30_000

@inject()
export class DeliverWebhookJob extends PlainJobHandler {
  readonly kind = 'webhook'
  readonly timeout = settings.timeout + SLACK_MS
  /** The schedule is the delivery's, which counts its tries itself; this is for what broke on our side. */
  readonly retryDelays = Array.from({ length: 1_000 }, () => Math.min(...settings.retryAfter))

  constructor(private readonly deliver: DeliverWebhook) {
    super()
  }

  handle(job: ClaimedJob, signal: AbortSignal) {
    return this.deliver.handle(job, signal)
  }
}
