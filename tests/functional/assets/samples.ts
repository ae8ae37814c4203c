import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A picture that no two calls with another `colour` share, so that tests do not share files. */
export function picture(
  format: 'png' | 'jpeg' | 'webp' | 'avif' | 'gif',
  { width = 32, height = 24, colour = randomColour() } = {}
): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
  return sharp({ create: { width, height, channels: 3, background: colour, noise } })
    .toFormat(format)
    .toBuffer()
}

/** A picture that lies on its side until its EXIF orientation is heeded. */
export function turnedJpeg(): Promise<Buffer> {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: randomColour() } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
}

/** A well-formed PNG of a few bytes that claims to be this large. */
export function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Frames that are small each and many together. */
export async function animatedGif(frames: number, side: number): Promise<Buffer> {
  const raw = Buffer.alloc(side * side * frames * 3)
  for (let frame = 0; frame < frames; frame++) raw.fill(frame * 20, frame * side * side * 3)
  return sharp(raw, { raw: { width: side, height: side * frames, channels: 3, pageHeight: side } })
    .gif({ delay: Array(frames).fill(50) })
    .toBuffer()
}

/** The beginning of an MP4: as much as tells its type. */
export function mp4(): Buffer {
  const brand = Buffer.from('isomiso2avc1mp41')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(8 + brand.length + 4)
  return Buffer.concat([
    size,
    Buffer.from('ftyp'),
    brand.subarray(0, 4),
    Buffer.alloc(4),
    brand.subarray(4),
  ])
}

export const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
export const html = Buffer.from('<!doctype html><script>alert(1)</script>')

function randomColour() {
  const part = () => Math.floor(Math.random() * 256)
  return { r: part(), g: part(), b: part() }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
