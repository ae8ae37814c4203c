import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import type { Actor } from '#core/ledger/types'
import type { BatchState, Waiting } from './batches_query.js'

export interface BatchToAdvance {
  accountId: string
  id: string
  jobId: string
  actor: Actor
  keyId: string | null
  userId: string | null
  size: number
  budget: Credits | null
  deadline: Date
  state: BatchState
  endsAs: 'canceled' | 'expired' | null
  endsBecause: string | null
  endingAt: Date | null
  nextItem: number
  waiting: Waiting | null
}

/** The batch that a job looks after, or `null` where another one does by now. */
export async function batchToAdvanceQuery(job: {
  accountId: string
  id: string
  jobId: string
}): Promise<BatchToAdvance | null> {
  const { rows } = await db.rawQuery(
    'select * from batches where account_id = ? and id = ? and job_id = ?',
    [job.accountId, job.id, job.jobId]
  )
  const [row] = rows
  if (!row) return null
  return {
    ...job,
    actor: row.actor,
    keyId: row.key_id,
    userId: row.user_id,
    size: row.size,
    budget: row.budget_micro === null ? null : Credits.fromMicro(row.budget_micro),
    deadline: row.deadline,
    state: row.state,
    endsAs: row.ends_as,
    endsBecause: row.ends_because,
    endingAt: row.ending_at,
    nextItem: row.next_item,
    waiting: row.waiting,
  }
}

/** Whether it is still this job that looks after the batch. */
export async function isStillTheirs(batch: BatchToAdvance): Promise<boolean> {
  return (await batchToAdvanceQuery(batch)) !== null
}

export interface ItemToStart {
  n: number
  generationId: string
  model: string
  input: Record<string, unknown>
  metadata: Record<string, string>
  endUser: string | null
  ceiling: Credits
}

/** The next items, of those that are neither started nor skipped as far as was written down. */
export async function nextItemsQuery(
  { accountId, id, nextItem }: BatchToAdvance,
  limit: number
): Promise<ItemToStart[]> {
  const { rows } = await db.rawQuery(
    `select * from batch_items
     where account_id = ? and batch_id = ? and n >= ? and skipped is null order by n limit ?`,
    [accountId, id, nextItem, limit]
  )
  return rows.map((row: any) => ({
    n: row.n,
    generationId: row.generation_id,
    model: row.model,
    input: row.input,
    metadata: row.metadata,
    endUser: row.end_user,
    ceiling: Credits.fromMicro(row.ceiling_micro),
  }))
}

/** The generations of a batch that have not ended. */
export async function openGenerationsQuery({
  accountId,
  id,
}: Pick<BatchToAdvance, 'accountId' | 'id'>): Promise<{ id: string; canceling: boolean }[]> {
  const { rows } = await db.rawQuery(
    `select g.id, j.cancel_requested_at is not null as canceling from generations g
     join jobs j on j.account_id = g.account_id and j.id = g.job_id
     where g.account_id = ? and g.batch_id = ? and g.outcome is null`,
    [accountId, id]
  )
  return rows
}
