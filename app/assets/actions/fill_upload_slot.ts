import { createAsset } from '#app/assets/actions/create_asset'
import { sha256Of } from '#app/assets/file_content'
import type { FileRefusal } from '#app/assets/file_refusal'
import { assetQuery, type Asset } from '#app/assets/queries/asset_query'
import type { TemporaryFile } from '#app/assets/temporary_file'
import type { UploadSlot } from '#app/assets/upload_slot'

const AGAIN = 'POST /v1/uploads gives a new upload.'

/** `slot_used`: other bytes came first. `slot_gone`: it was filled, and the asset deleted. */
export type SlotRefusal =
  | FileRefusal
  | { type: 'file_size_mismatch'; message: string; declared: number; actual: number | 'more' }
  | { type: 'slot_used' | 'slot_gone'; message: string }

/** Keeps the bytes that were promised. The same bytes again are the same asset; others are refused. */
export async function fillUploadSlot(
  slot: UploadSlot,
  file: TemporaryFile
): Promise<{ ok: true; asset: Asset } | { ok: false; refusal: SlotRefusal }> {
  const { assetId, accountId, contentType, createdBy } = slot
  if (file.size !== slot.bytes && file.size > 0) {
    return refused(sizeMismatch(slot.bytes, file.size))
  }
  const created = await createAsset({
    accountId,
    createdBy,
    id: assetId,
    content: file,
    source: 'upload',
    declaredType: contentType,
  })
  if (created.ok) return created
  if (created.refusal.type !== 'id_taken') return refused(created.refusal)
  const asset = await assetQuery(accountId, assetId)
  if (!asset)
    return refused({ type: 'slot_gone', message: `Asset ${assetId} was deleted. ${AGAIN}` })
  if (asset.sha256 === (await sha256Of(file))) return { ok: true, asset }
  return refused({
    type: 'slot_used',
    message: `Asset ${assetId} has other bytes already. ${AGAIN}`,
  })
}

/** `more` where nobody counted to the end. */
export function sizeMismatch(declared: number, actual: number | 'more'): SlotRefusal {
  return {
    type: 'file_size_mismatch',
    declared,
    actual,
    message: `This upload was declared with ${declared} bytes, but ${actual} came. ${AGAIN}`,
  }
}

function refused(refusal: SlotRefusal): { ok: false; refusal: SlotRefusal } {
  return { ok: false, refusal }
}
