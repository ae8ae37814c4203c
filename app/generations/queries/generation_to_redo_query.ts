import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

/** What was asked for, to be asked for again. */
export interface GenerationToRedo {
  model: string
  /** `null` once its owner deleted it. */
  input: Record<string, unknown> | null
  metadata: Record<string, string>
  userId: string | null
  endUser: string | null
  webhookUrl: string | undefined
  /** The batch that it is an item of, whose budget counts it. */
  batch: { id: string; budget: Credits | null } | undefined
}

export async function generationToRedoQuery(
  accountId: string,
  jobId: string
): Promise<GenerationToRedo | null> {
  const { rows } = await db.rawQuery(
    `select g.model, g.input, g.metadata, g.user_id, g.end_user, g.webhook_url, g.batch_id,
       b.budget_micro
     from generations g
     left join batches b on b.account_id = g.account_id and b.id = g.batch_id
     where g.account_id = ? and g.job_id = ?`,
    [accountId, jobId]
  )
  const [row] = rows
  if (!row) return null
  const budget = row.budget_micro === null ? null : Credits.fromMicro(row.budget_micro)
  return {
    model: row.model,
    input: row.input,
    metadata: row.metadata,
    userId: row.user_id,
    endUser: row.end_user,
    webhookUrl: row.webhook_url ?? undefined,
    batch: row.batch_id === null ? undefined : { id: row.batch_id, budget },
  }
}
