import type { BatchItem } from '#app/batches/queries/batch_items_query'

export function presentItem(item: BatchItem) {
  return {
    index: item.n,
    object: 'batch_item',
    model: item.model,
    status: item.status,
    generation: item.generationId,
    credits: { ceiling: item.ceiling.toString(), charged: item.charged?.toString() ?? null },
    error: item.error && { class: item.error.class, message: item.error.message },
    skipped: item.skipped,
    end_user: item.endUser,
    metadata: item.metadata,
  }
}
