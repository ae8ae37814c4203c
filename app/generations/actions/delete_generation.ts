import db from '@adonisjs/lucid/services/db'
import { deleteFiles } from '#app/assets/actions/delete_files'
import { generationQuery } from '#app/generations/queries/generation_query'

/** `open`: it still runs, cancel it first. */
export type DeleteResult = 'deleted' | 'open' | 'missing'

/** Forgets what was asked and what came of it: prompt and files. The money's record stays. */
export async function deleteGeneration(accountId: string, id: string): Promise<DeleteResult> {
  const generation = await generationQuery(accountId, id)
  if (!generation) return 'missing'
  if (!generation.finishedAt) return 'open'
  await deleteFiles({ accountId, assetIds: generation.outputs.map(({ assetId }) => assetId) })
  await db
    .from('generations')
    .where({ account_id: accountId, id })
    .update({ input: null, metadata: {}, deleted_at: new Date() })
  await db.rawQuery('select webhook_forget(?, ?)', [accountId, id])
  return 'deleted'
}
