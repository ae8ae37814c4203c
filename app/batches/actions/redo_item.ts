import db from '@adonisjs/lucid/services/db'

/** The item whose generation failed is from now on the one that was started in its place. A repeat changes nothing. */
export async function redoItem(redone: {
  accountId: string
  batchId: string
  /** That failed. */
  jobId: string
  generationId: string
}): Promise<void> {
  const { accountId, batchId, jobId, generationId } = redone
  await db.rawQuery('select batch_redo(?, ?, ?, ?)', [
    accountId,
    batchId,
    jobId.replace('job_', 'gen_'),
    generationId,
  ])
}
