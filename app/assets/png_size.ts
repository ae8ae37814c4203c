import { crc32 } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
/** Where the header ends, its checksum included. */
const HEADER_END = 33
/** Chunks that may say how the picture is to be turned. */
const TELLING = new Set(['eXIf', 'tEXt', 'zTXt', 'iTXt'])

/**
 * How large a PNG is by its header, if that is whole and nothing before the pixels may turn the
 * picture; else `null`, and a decoder has to be asked. It costs a hundredth of what that does.
 */
export function pngSize(bytes: Uint8Array): { width: number; height: number } | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < HEADER_END || !file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null
  if (crc32(file.subarray(12, HEADER_END - 4)) !== file.readUInt32BE(HEADER_END - 4)) return null
  for (let at = HEADER_END; at + 8 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const chunk = file.toString('latin1', at + 4, at + 8)
    if (TELLING.has(chunk)) return null
    if (chunk === 'IDAT') return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }
  }
  return null
}
