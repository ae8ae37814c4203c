import { inject } from '@adonisjs/core'
import { PlainJobHandler } from '#core/queue/job_handler'
import type { ClaimedJob } from '#core/queue/types'
import { AdvanceBatch } from '#app/batches/actions/advance_batch'

/** Looks after a batch once. What it finds says when to look again, and adds the job for it. */
@inject()
export class AdvanceBatchJob extends PlainJobHandler {
  readonly kind = 'batch'
  readonly timeout = 120_000
  /** Many batches must not keep generations from their work, nor long generations a batch from its end. */
  readonly placesApart = 2
  /** A batch has to end whatever breaks on our side, so there is always another try. */
  readonly retryDelays = Array.from({ length: 1_000 }, (_, n) => Math.min(1_000 * 2 ** n, 60_000))

  constructor(private readonly advance: AdvanceBatch) {
    super()
  }

  handle(job: ClaimedJob, signal: AbortSignal) {
    return this.advance.handle(job, signal)
  }
}
