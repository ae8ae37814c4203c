import { Credits } from '#core/ledger/credits'
import { countText } from '#app/admin/format/amounts'
import type { BatchItem } from '#app/batches/queries/batch_items_query'
import type { BatchState, BatchView } from '#app/batches/queries/batches_query'

const BADGES: Record<BatchState, string> = {
  running: 'running',
  paused: 'expired',
  completed: 'succeeded',
  canceled: 'canceled',
  expired: 'expired',
}
const ENDING = { canceled: 'canceling', expired: 'running out' }
/** Items that will not change any more. */
const OVER = ['succeeded', 'failed', 'canceled', 'expired', 'skipped']
const ORDER = ['waiting', 'queued', 'running', ...OVER]

/** A batch as the console shows it. */
export function batchRow(batch: BatchView) {
  const { tally, budget, size, state, endsAs, finishedAt } = batch
  const done = OVER.reduce((sum, status) => sum + (tally.items[status] ?? 0), 0)
  const isEnding = finishedAt === null && endsAs !== null
  return {
    ...batch,
    badge: BADGES[state],
    stateText: isEnding ? ENDING[endsAs] : state,
    open: finishedAt === null,
    isEnding,
    done,
    percent: Math.round((100 * done) / size),
    counts: ORDER.filter((status) => tally.items[status]).map((status) => ({
      status,
      count: tally.items[status],
    })),
    itemsText: `${countText(done)} of ${countText(size)}`,
    left: budget && leftOf(budget, tally.held.plus(tally.charged)),
    reasons: [...reasonsOf(tally.failed, 'failed'), ...reasonsOf(tally.skipped, 'never started')],
    tookMs: finishedAt && finishedAt.getTime() - batch.createdAt.getTime(),
  }
}

/** An item with the word that its badge wears. */
export function itemRow(item: BatchItem) {
  const badge =
    item.status === 'skipped' ? 'expired' : item.status === 'waiting' ? 'queued' : item.status
  const why = item.error?.message ?? item.skipped?.message ?? null
  return { ...item, badge, why, number: item.n + 1 }
}

function leftOf(budget: Credits, spent: Credits): Credits {
  return spent.micro > budget.micro ? Credits.zero : budget.minus(spent)
}

function reasonsOf(counts: Record<string, number>, what: string) {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => ({ what, reason, count }))
}
