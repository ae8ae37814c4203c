import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import { ITEM_STATUS, ITEM_TABLES } from './batches_query.js'

export interface BatchItem {
  n: number
  model: string
  status: string
  /** `null` until it is started. */
  generationId: string | null
  metadata: Record<string, string>
  endUser: string | null
  ceiling: Credits
  /** `null` until its generation has ended. */
  charged: Credits | null
  error: { class: string; message: string } | null
  skipped: { code: string; message: string } | null
}

export const ITEM_STATUSES = [
  'waiting',
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'expired',
  'skipped',
]

/** In the order they were asked for, a page of at most `limit` behind item `after`. */
export async function batchItemsQuery(
  batch: { accountId: string; id: string },
  page: { limit: number; after?: number; statuses?: string[] }
): Promise<{ items: BatchItem[]; next: number | null }> {
  const statuses = page.statuses ?? null
  const { rows } = await db.rawQuery(
    `select i.n, i.model, ${ITEM_STATUS} as status, g.id as generation_id, i.metadata, i.end_user,
       i.ceiling_micro, case when h.state <> 'held' then coalesce(h.cost_micro, 0) end as charged_micro,
       case when g.outcome in ('failed', 'expired') then j.error end as error,
       case when g.id is null then i.skipped end as skipped
     from ${ITEM_TABLES}
     where i.account_id = ? and i.batch_id = ? and i.n > ?
       and (?::text[] is null or ${ITEM_STATUS} = any (?::text[]))
     order by i.n limit ?`,
    [batch.accountId, batch.id, page.after ?? -1, statuses, statuses, page.limit + 1]
  )
  const items: BatchItem[] = rows.slice(0, page.limit).map((row: any) => ({
    n: row.n,
    model: row.model,
    status: row.status,
    generationId: row.generation_id,
    metadata: row.metadata,
    endUser: row.end_user,
    ceiling: Credits.fromMicro(row.ceiling_micro),
    charged: row.charged_micro === null ? null : Credits.fromMicro(row.charged_micro),
    error: row.error,
    skipped: row.skipped,
  }))
  return { items, next: rows.length > page.limit ? items.at(-1)!.n : null }
}
