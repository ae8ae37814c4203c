import type { ReferenceFile } from '#core/plugins/model_provider'
import { AssetMissing } from '#app/assets/errors'
import { FileStore } from '#app/assets/file_store'
import { assetsQuery, type Asset } from '#app/assets/queries/asset_query'
import { signedUrl } from '#app/assets/signed_url'

/** A vendor may fetch it as late as its job may run. */
const LONGEST_JOB_MS = 24 * 3_600_000

/**
 * A reference as a provider reads it. The bytes are fetched when they are asked for.
 *
 * @throws AssetMissing where it was deleted since the generation was accepted.
 */
export async function openReference(accountId: string, assetId: string): Promise<ReferenceFile> {
  const files = await openReferences(accountId, [assetId])
  return files.get(assetId)!
}

/**
 * References as a provider reads them, by asset id, with one question to the database. Throws
 * as `openReference` does.
 */
export async function openReferences(
  accountId: string,
  assetIds: string[]
): Promise<Map<string, ReferenceFile>> {
  const assets = await assetsQuery(accountId, assetIds)
  const files = assetIds.map((id): [string, ReferenceFile] => {
    const asset = assets.get(id)
    if (!asset) throw new AssetMissing(id)
    return [id, fileOf(asset)]
  })
  return new Map(files)
}

function fileOf(asset: Asset): ReferenceFile {
  return {
    contentType: asset.contentType,
    width: asset.width ?? 0,
    height: asset.height ?? 0,
    bytes: () => new FileStore().bytes(asset),
    url: () => signedUrl(asset, new Date(), LONGEST_JOB_MS).url,
  }
}
