import type { BatchView } from '#app/batches/queries/batches_query'

/** A batch as the API and webhooks tell it. */
export function batchData(batch: BatchView) {
  const { tally, waiting } = batch
  const count = (status: string) => tally.items[status] ?? 0
  return {
    id: batch.id,
    object: 'batch',
    status: batch.state,
    /** How it will end, once it was told to end before all is done. */
    ending_as: batch.finishedAt ? null : batch.endsAs,
    items: {
      total: batch.size,
      waiting: count('waiting'),
      queued: count('queued'),
      running: count('running'),
      succeeded: count('succeeded'),
      failed: count('failed'),
      canceled: count('canceled'),
      expired: count('expired'),
      skipped: count('skipped'),
    },
    credits: {
      estimate: batch.estimate.toString(),
      budget: batch.budget?.toString() ?? null,
      held: tally.held.toString(),
      charged: tally.charged.toString(),
    },
    waiting_for: waiting && {
      code: waiting.code,
      message: waiting.message,
      refusal_id: waiting.refusal,
      looks_again_at: batch.lookAt,
    },
    /** Once it has ended. */
    report: batch.finishedAt && {
      delivered: tally.delivered,
      charged: tally.charged.toString(),
      returned: tally.returned.toString(),
      failed: tally.failed,
      skipped: tally.skipped,
    },
    deadline: batch.deadline,
    metadata: batch.metadata,
    created_at: batch.createdAt,
    finished_at: batch.finishedAt,
    links: { self: `/v1/batches/${batch.id}`, items: `/v1/batches/${batch.id}/items` },
  }
}
