import { BATCH_STATES, type BatchState } from '#app/batches/queries/batches_query'
import { ITEM_STATUSES } from '#app/batches/queries/batch_items_query'

/** What does not make sense is no filter: an address typed by hand still shows a list. */
export function readBatchFilters(query: Record<string, unknown>) {
  const state = BATCH_STATES.find((one) => one === query.state)
  const before = text(query.before)
  return {
    organisation: text(query.organisation),
    state: state as BatchState | undefined,
    before: /^bat_[a-z0-9]+$/.test(before) ? before : undefined,
  }
}

/** Of the items of one batch: behind which to begin, and how they stand. */
export function readItemFilters(query: Record<string, unknown>) {
  const after = text(query.after)
  return {
    status: ITEM_STATUSES.find((one) => one === query.status),
    after: /^\d{1,6}$/.test(after) ? Number(after) : undefined,
  }
}

function text(value: unknown): string {
  // Postgres keeps no text with a NUL in it, so there is nothing to find by one.
  return typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 200) : ''
}
