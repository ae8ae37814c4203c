import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import { readMp3 } from './mp3.js'
import { readMp4 } from './mp4.js'

export interface DeliveredFile {
  /** What the bytes are, whatever they were called. */
  contentType: string
  /** Of a sound, none. */
  width: number
  height: number
  /** Of a film or a sound. */
  durationMs?: number
}

/** Reads a delivered file to its end. Throws for one that is empty, cut or of a kind it does not know. */
export async function readFile(bytes: Uint8Array): Promise<DeliveredFile> {
  const type = await fileTypeFromBuffer(bytes)
  const contentType = type?.mime ?? (isSvg(bytes) ? 'image/svg+xml' : 'nothing known')
  if (contentType === 'video/mp4') return { contentType, ...readMp4(bytes) }
  if (contentType === 'audio/mpeg') return { contentType, width: 0, height: 0, ...readMp3(bytes) }
  if (!contentType.startsWith('image/')) {
    throw new Error(`The suite cannot read ${contentType} yet. Teach it in files.ts.`)
  }
  const { data, info } = await sharp(bytes, { failOn: 'warning' })
    .autoOrient()
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (data.length === 0) throw new Error('The picture has no pixels.')
  return { contentType, width: info.width, height: info.height }
}

/** Which has no magic number. */
function isSvg(bytes: Uint8Array): boolean {
  return /^\s*<svg[\s>]/.test(Buffer.from(bytes.subarray(0, 256)).toString())
}
