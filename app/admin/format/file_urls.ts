import { signedUrl } from '#app/assets/signed_url'

interface ShownFile {
  sha256: string
  contentType: string
}

/**
 * Where a page finds a file. Without the host: the console may be reached by another name
 * than the API, and its policy allows files of its own origin only.
 */
export function fileUrl(accountId: string, file: ShownFile): string {
  const { pathname, search } = new URL(signedUrl({ accountId, ...file }).url)
  return pathname + search
}

export function thumbnailUrl(accountId: string, assetId: string): string {
  return `/admin/thumbnails/${accountId}/${assetId}`
}
