import { createHash, hash as hashOf } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** The content of a file: in memory, or in a file of this machine. */
export type FileContent = { bytes: Uint8Array } | { path: string }

/** Lower-case hexadecimal. */
export async function sha256Of(content: FileContent): Promise<string> {
  if ('bytes' in content) return hashOf('sha256', content.bytes)
  const hash = createHash('sha256')
  await pipeline(createReadStream(content.path), hash)
  return hash.digest('hex')
}

export async function sizeOf(content: FileContent): Promise<number> {
  if ('bytes' in content) return content.bytes.byteLength
  const { size } = await stat(content.path)
  return size
}
