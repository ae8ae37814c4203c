import encoders from 'h264-mp4-encoder'
import sharp from 'sharp'
import type { Size } from '#core/plugins/geometry'

export type PictureFormat = 'png' | 'jpeg' | 'webp'

/** A plain picture; each `shade` is another file. */
export function picture(
  { width, height }: Size,
  format: PictureFormat = 'png',
  shade = 0
): Promise<Buffer> {
  const background = { r: shade % 256, g: (shade >> 8) % 256, b: 120 }
  return sharp({ create: { width, height, channels: 3, background } })
    [format]()
    .toBuffer()
}

const films = new Map<string, Promise<Uint8Array>>()

/** A plain silent film of whole seconds, one frame each. Sides are even. */
export async function film({ width, height }: Size, seconds: number): Promise<Uint8Array> {
  const key = `${width}x${height} ${seconds}`
  const known = films.get(key) ?? filmed({ width, height }, seconds)
  films.set(key, known)
  return known
}

async function filmed({ width, height }: Size, seconds: number): Promise<Uint8Array> {
  const encoder = await encoders.createH264MP4Encoder()
  Object.assign(encoder, { width, height, frameRate: 1 })
  encoder.initialize()
  const frame = new Uint8Array(width * height * 4).fill(128)
  for (let n = 0; n < seconds; n++) encoder.addFrameRgba(frame)
  encoder.finalize()
  const bytes = new Uint8Array(encoder.FS.readFile(encoder.outputFilename))
  encoder.delete()
  return bytes
}
