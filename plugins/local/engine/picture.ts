import sharp, { type Sharp } from 'sharp'
import { PictureTooLarge, UnreadablePicture } from '../errors.js'

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif'

/** What a format's encoder takes at most, in pixels on a side. */
const LONGEST_SIDE: Record<PictureFormat, number> = {
  png: 2 ** 31 - 1,
  jpeg: 65_535,
  webp: 16_383,
  avif: 16_384,
}

export interface Bitmap {
  width: number
  height: number
  /** RGB, row by row, readable by every thread. */
  rgb: SharedArrayBuffer
  /** One byte a pixel; null for an opaque picture. */
  alpha: Uint8Array | null
}

/** The upright first page in sRGB. Sharp decodes on its own threads. */
export async function decode(bytes: Uint8Array): Promise<Bitmap> {
  try {
    const page = sharp(bytes, { failOn: 'error' }).autoOrient().toColourspace('srgb')
    const { hasAlpha } = await page.metadata()
    const { data, info } = await page
      .clone()
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const rgb = new SharedArrayBuffer(data.byteLength)
    new Uint8Array(rgb).set(data)
    const alpha = hasAlpha ? await page.clone().extractChannel('alpha').raw().toBuffer() : null
    return { width: info.width, height: info.height, rgb, alpha }
  } catch (error) {
    throw new UnreadablePicture(error)
  }
}

export async function encode(bitmap: Bitmap, format: PictureFormat): Promise<Uint8Array> {
  const picture = await joined(bitmap)
  if (format === 'png') return picture.png().toBuffer()
  if (format === 'jpeg') picture.flatten({ background: '#ffffff' })
  return picture.toFormat(format, { quality: 92 }).toBuffer()
}

/** Colour and transparency in one. Sharp flattens before it joins, so joining is a step of its own. */
async function joined({ width, height, rgb, alpha }: Bitmap): Promise<Sharp> {
  const size = { width, height }
  const opaque = sharp(Buffer.from(rgb), { raw: { ...size, channels: 3 } })
  if (!alpha) return opaque
  const mask = { raw: { ...size, channels: 1 } } as const
  const whole = await opaque.joinChannel(Buffer.from(alpha), mask).raw().toBuffer()
  return sharp(whole, { raw: { ...size, channels: 4 } })
}

/** The model knows no transparency, so that channel is enlarged the classic way. */
export async function enlargeAlpha(alpha: Uint8Array, from: Size, to: Size): Promise<Uint8Array> {
  return sharp(alpha, { raw: { ...from, channels: 1 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: 'lanczos3' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
}

/** Refuses before the work what the encoder would refuse after it. */
export function assertEncodable({ width, height }: Size, format: PictureFormat) {
  const longest = LONGEST_SIDE[format]
  if (Math.max(width, height) > longest) {
    throw new PictureTooLarge({ width, height, limit: `${format} takes ${longest} on a side` })
  }
}

interface Size {
  width: number
  height: number
}
