import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { FileKey } from './file_store.js'

/**
 * Until the transaction ends, nobody else decides whether this content is still needed:
 * without it, a file could be removed between its being found and its row being written.
 */
export async function lockContent(trx: TransactionClientContract, { accountId, sha256 }: FileKey) {
  await trx.rawQuery('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `${accountId}/${sha256}`,
  ])
}
