import { newId } from '#core/ids'
import { refuse, type FileRefusal } from '#app/assets/file_refusal'
import { slotUrl, type UploadSlot } from '#app/assets/upload_slot'
import assets from '#config/assets'

interface Request {
  accountId: string
  contentType: string
  bytes: number
  /** The actor: `key:key_…`. */
  createdBy: string
}

export type PromisedUpload = { slot: UploadSlot; url: string; expiresAt: Date }

export type PromiseResult =
  | { ok: true; promised: PromisedUpload }
  /** `field`: what of the request is at fault. */
  | { ok: false; field: 'contentType' | 'bytes'; refusal: FileRefusal }

/** Gives the right to send one file of this type and size. Nothing is kept until it is there. */
export function promiseUpload(request: Request): PromiseResult {
  const rules = assets.accepted
  if (!rules.contentTypes.includes(request.contentType)) {
    const refusal = refuse.unsupportedType(request.contentType, rules)
    return { ok: false, field: 'contentType', refusal }
  }
  if (request.bytes > rules.maxBytes) {
    return { ok: false, field: 'bytes', refusal: refuse.tooLarge(rules.maxBytes) }
  }
  const slot = { ...request, assetId: newId('ast') }
  return { ok: true, promised: { slot, ...slotUrl(slot) } }
}
