import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import { lockContent } from '#app/assets/content_lock'
import { removeUnusedFile } from '#app/assets/actions/delete_files'
import { sha256Of, type FileContent } from '#app/assets/file_content'
import type { FileRefusal, FileRules } from '#app/assets/file_refusal'
import { FileStore, type FileKey } from '#app/assets/file_store'
import { inspectFile, type FileFacts } from '#app/assets/inspect_file'
import { ASSET_COLUMNS, assetOf, type Asset, type AssetRow } from '#app/assets/queries/asset_query'
import assets from '#config/assets'

interface Request {
  accountId: string
  content: FileContent
  source: 'upload' | 'reference'
  /** The actor: `key:key_…`. */
  createdBy: string
  /** What the sender says it is. */
  declaredType?: string
  /** Stricter than what holds for all. */
  rules?: FileRules
  /** Of an upload that was promised before. */
  id?: string
}

export type AssetResult =
  | { ok: true; asset: Asset }
  /** `id_taken`: there is an asset with the given id, or was. Nothing was kept. */
  | { ok: false; refusal: FileRefusal | { type: 'id_taken'; message: string } }

/** Keeps a file that somebody sent, or says why not. Equal bytes are one file, but one asset each time. */
export async function createAsset(request: Request): Promise<AssetResult> {
  const { accountId, declaredType, rules = assets.accepted } = request
  const inspection = await inspectFile({ content: request.content, rules, declaredType })
  if (!inspection.ok) return inspection
  const key = { accountId, sha256: await sha256Of(request.content) }
  // Outside the transaction: a connection must not wait for a disk.
  await new FileStore().put(key, request.content)
  const asset = await writeRow(request, inspection.facts, key)
  if (asset) return { ok: true, asset }
  await removeUnusedFile(key)
  return { ok: false, refusal: { type: 'id_taken', message: 'There is an asset with this id.' } }
}

/** `null` when the id is taken. */
function writeRow(request: Request, facts: FileFacts, key: FileKey): Promise<Asset | null> {
  return db.transaction(async (trx) => {
    await lockContent(trx, key)
    const rows: AssetRow[] = await trx
      .insertQuery<AssetRow>()
      .table('assets')
      .insert({
        account_id: key.accountId,
        id: request.id ?? newId('ast'),
        sha256: key.sha256,
        source: request.source,
        content_type: facts.contentType,
        bytes: facts.bytes,
        width: facts.width ?? null,
        height: facts.height ?? null,
        duration_ms: facts.durationMs ?? null,
        created_by: request.createdBy,
      })
      .onConflict(['account_id', 'id'])
      .ignore()
      .returning(ASSET_COLUMNS)
    if (rows.length === 0) return null
    // The last asset of these bytes may have been deleted, and its file with it, since they were put.
    await new FileStore().put(key, request.content)
    return assetOf(rows[0])
  })
}
