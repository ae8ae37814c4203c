import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import type { Actor } from '#core/ledger/types'
import { JobQueue } from '#core/queue/job_queue'
import { batchQuery, type BatchView } from '#app/batches/queries/batches_query'
import { openGenerationsQuery } from '#app/batches/queries/batch_to_advance_query'
import { CancelGeneration } from '#app/generations/actions/cancel_generation'

/** Starts nothing more of a batch, and stops what is under way. Answers how it stands then. */
@inject()
export class CancelBatch {
  constructor(
    private readonly queue: JobQueue,
    private readonly cancel: CancelGeneration
  ) {}

  async handle(request: {
    accountId: string
    id: string
    actor: Actor
  }): Promise<{ outcome: 'requested' | 'resolved'; batch: BatchView } | null> {
    const { accountId, id, actor } = request
    const { rows } = await db.rawQuery('select batch_cancel(?, ?) as told', [accountId, id])
    const isTold: boolean = rows[0].told
    if (isTold) {
      // Here and now, as they may be what keeps all workers busy. The job stops what was just being started.
      for (const generation of await openGenerationsQuery(request)) {
        await this.cancel.handle({ accountId, id: generation.id, actor })
      }
      this.queue.wake()
    }
    const batch = await batchQuery(accountId, id)
    return batch && { outcome: isTold ? 'requested' : 'resolved', batch }
  }
}
