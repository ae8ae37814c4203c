import db from '@adonisjs/lucid/services/db'

/** What was asked for, to be asked for again. */
export interface GenerationToRedo {
  model: string
  /** `null` once its owner deleted it. */
  input: Record<string, unknown> | null
  metadata: Record<string, string>
  userId: string | null
  endUser: string | null
  webhookUrl: string | undefined
}

export async function generationToRedoQuery(
  accountId: string,
  jobId: string
): Promise<GenerationToRedo | null> {
  const row = await db
    .from('generations')
    .select({
      model: 'model',
      input: 'input',
      metadata: 'metadata',
      userId: 'user_id',
      endUser: 'end_user',
      webhookUrl: 'webhook_url',
    })
    .where({ account_id: accountId, job_id: jobId })
    .first()
  return row && { ...row, webhookUrl: row.webhookUrl ?? undefined }
}
