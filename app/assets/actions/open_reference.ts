import type { ReferenceFile } from '#core/plugins/model_provider'
import { AssetMissing } from '#app/assets/errors'
import { FileStore } from '#app/assets/file_store'
import { assetQuery } from '#app/assets/queries/asset_query'

/**
 * A reference as a provider reads it. The bytes are fetched when they are asked for.
 *
 * @throws AssetMissing where it was deleted since the generation was accepted.
 */
export async function openReference(accountId: string, assetId: string): Promise<ReferenceFile> {
  const asset = await assetQuery(accountId, assetId)
  if (!asset) throw new AssetMissing(assetId)
  return {
    contentType: asset.contentType,
    width: asset.width ?? 0,
    height: asset.height ?? 0,
    bytes: () => new FileStore().bytes(asset),
  }
}
