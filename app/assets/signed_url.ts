import { appUrl } from '#config/app'
import assets from '#config/assets'
import { SignedQuery, type Verdict } from './signed_query.js'

interface SignedFile {
  accountId: string
  sha256: string
  contentType: string
}

const files = new SignedQuery(assets.urls.secret, 'file')

/**
 * An absolute URL that opens one file to whoever has it, without a key, for `ttl`
 * milliseconds at least. The same file has the same URL for a quarter of an hour.
 */
export function signedUrl(
  { accountId, sha256, contentType }: SignedFile,
  now = new Date(),
  ttl = assets.urls.lifetimeMs
): { url: string; expiresAt: Date } {
  const { roundingMs } = assets.urls
  const expiresAt = new Date(Math.ceil(now.getTime() / roundingMs) * roundingMs + ttl)
  const query = files.sign(`${accountId}/${sha256}`, { type: contentType }, expiresAt)
  return { url: `${appUrl}/files/${accountId}/${sha256}?${query}`, expiresAt }
}

export function judgeSignedUrl(
  file: { accountId: string; sha256: string },
  query: URLSearchParams,
  now = new Date()
): Verdict {
  return files.verdict(`${file.accountId}/${file.sha256}`, query, now)
}
