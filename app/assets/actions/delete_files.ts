import db from '@adonisjs/lucid/services/db'
import { lockContent } from '#app/assets/content_lock'
import { FileStore, type FileKey } from '#app/assets/file_store'

/**
 * Deletes assets, and the files that no other asset of the organisation needs. Ids of
 * others are passed over. A repeat finishes what an interrupted call began.
 */
export async function deleteFiles({
  accountId,
  assetIds,
}: {
  accountId: string
  assetIds: string[]
}) {
  if (assetIds.length === 0) return
  const chosen = () => db.from('assets').where('account_id', accountId).whereIn('id', assetIds)
  await chosen().whereNull('deleted_at').update({ deleted_at: new Date() })
  const rows: { sha256: string }[] = await chosen().distinct('sha256')
  for (const { sha256 } of rows) {
    await removeUnusedFile({ accountId, sha256 })
  }
}

/** Removes a file unless an asset of the organisation has its content. */
export async function removeUnusedFile(key: FileKey) {
  await db.transaction(async (trx) => {
    await lockContent(trx, key)
    const used = await trx
      .from('assets')
      .where({ account_id: key.accountId, sha256: key.sha256 })
      .whereNull('deleted_at')
      .first()
    if (!used) await new FileStore().remove(key)
  })
}
