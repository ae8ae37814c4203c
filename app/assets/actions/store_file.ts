import { FileUnreadable } from '#app/assets/errors'
import { sha256Of } from '#app/assets/file_content'
import { FileStore } from '#app/assets/file_store'
import { pictureHeader, sniff, type FileFacts } from '#app/assets/inspect_file'
import { pngSize } from '#app/assets/png_size'

interface Request {
  accountId: string
  bytes: Uint8Array
  /** Believed only where the bytes do not say it themselves. */
  contentType?: string
}

export type StoredFile = FileFacts & { sha256: string }

/**
 * Writes a file that we made ourselves and says what it is. No row: whoever asked writes
 * it with what else belongs to it. Equal bytes are one file, so a repeat writes nothing,
 * and a repeat after the row is there brings back a file that was deleted meanwhile.
 *
 * @throws FileUnreadable where the bytes call themselves a picture and are none.
 */
export async function storeFile({ accountId, bytes, contentType }: Request): Promise<StoredFile> {
  const content = { bytes }
  const said = await sniff(content)
  // An SVG with an XML declaration is both, and only its sender knows.
  const isSvg = said === 'application/xml' && contentType === 'image/svg+xml'
  const actual = (isSvg ? contentType : said) ?? contentType ?? 'application/octet-stream'
  const facts: FileFacts = { contentType: actual, bytes: bytes.byteLength }
  if (actual.startsWith('image/') && actual !== 'image/svg+xml') {
    const size = pngSize(bytes) ?? (await pictureHeader(content))
    if (!size) throw new FileUnreadable(actual)
    facts.width = size.width
    facts.height = size.height
  }
  const sha256 = await sha256Of(content)
  await new FileStore().put({ accountId, sha256 }, content)
  return { ...facts, sha256 }
}
