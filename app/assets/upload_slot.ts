import { appUrl } from '#config/app'
import assets from '#config/assets'
import { SignedQuery, type Verdict } from './signed_query.js'

/** The right to send one file. All of it is in its URL: nothing is kept until the bytes are here. */
export interface UploadSlot {
  assetId: string
  accountId: string
  contentType: string
  /** Exactly. */
  bytes: number
  createdBy: string
}

const uploads = new SignedQuery(assets.urls.secret, 'upload')

export function slotUrl(slot: UploadSlot, now = new Date()): { url: string; expiresAt: Date } {
  const expiresAt = new Date(now.getTime() + assets.uploadLifetimeMs)
  const facts = {
    org: slot.accountId,
    type: slot.contentType,
    bytes: slot.bytes,
    by: slot.createdBy,
  }
  const query = uploads.sign(slot.assetId, facts, expiresAt)
  return { url: `${appUrl}/v1/uploads/${slot.assetId}?${query}`, expiresAt }
}

/** The slot that a URL of ours stands for. */
export function readSlot(
  assetId: string,
  query: URLSearchParams,
  now = new Date()
): { verdict: 'valid'; slot: UploadSlot } | { verdict: Exclude<Verdict, 'valid'> } {
  const verdict = uploads.verdict(assetId, query, now)
  if (verdict !== 'valid') return { verdict }
  const slot = {
    assetId,
    accountId: query.get('org')!,
    contentType: query.get('type')!,
    bytes: Number(query.get('bytes')),
    createdBy: query.get('by')!,
  }
  return { verdict, slot }
}
