import type { PromisedUpload } from '#app/assets/actions/promise_upload'
import type { Asset } from '#app/assets/queries/asset_query'
import { signedUrl } from '#app/assets/signed_url'

/** An asset as the API tells it. */
export function presentAsset(asset: Asset) {
  const { url, expiresAt } = signedUrl(asset)
  return {
    id: asset.id,
    object: 'asset',
    content_type: asset.contentType,
    bytes: asset.bytes,
    width: asset.width,
    height: asset.height,
    duration_ms: asset.durationMs,
    source: asset.source,
    created_at: asset.createdAt,
    url,
    url_expires_at: expiresAt,
  }
}

/** Where and how to send the bytes of a promised upload. */
export function presentPromise({ slot, url, expiresAt }: PromisedUpload) {
  return {
    id: slot.assetId,
    object: 'upload',
    upload: {
      method: 'PUT',
      url,
      headers: { 'content-type': slot.contentType },
      expires_at: expiresAt,
    },
  }
}
