import sharp, { type ResizeOptions, type Sharp } from 'sharp'
import { outputSize, type Size } from '#core/plugins/geometry'
import { assertEncodable, type PictureFormat } from './engine/picture.js'
import { PictureTooLarge, UnreadablePicture } from './errors.js'
import type { WorkReport } from './mapping.js'

export interface ResizeInput {
  width?: number
  height?: number
  fit: 'cover' | 'contain' | 'fill' | 'inside' | 'outside'
  position: 'centre' | 'top' | 'right' | 'bottom' | 'left' | 'attention' | 'entropy'
  background: string
  format: PictureFormat
  quality: number
}

/** A missing side and `outside` can ask for more than the parameters' own maxima. */
const MOST_PIXELS = 8192 * 8192

const GEOMETRY = { kind: 'box', width: 'width', height: 'height', of: 'image' } as const

/** Sharp works on its own threads. */
export async function resize(
  bytes: Uint8Array,
  input: ResizeInput
): Promise<{ bytes: Uint8Array; report: WorkReport }> {
  const source = await read(() => sharp(bytes).metadata()).then(({ autoOrient }) => autoOrient)
  const target = targetSize(input, source)
  assertEncodable(target, input.format)
  if (target.width * target.height > MOST_PIXELS) {
    throw new PictureTooLarge({ ...target, limit: `at most ${MOST_PIXELS} in all` })
  }

  const picture = sharp(bytes, { failOn: 'error' }).autoOrient().resize(resizing(input, target))
  const result = await read(() => inFormat(picture, input).toBuffer({ resolveWithObject: true }))

  const { width, height } = result.info
  const pixelsIn = source.width * source.height
  return { bytes: result.data, report: { engine: 'resize', width, height, pixelsIn } }
}

/** The sizes are checked, so what still fails is the file: sharp notices a cut one as late as here. */
async function read<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw new UnreadablePicture(error)
  }
}

/** The size the result will have, told before the work. */
function targetSize(input: ResizeInput, source: Size): Size {
  const box = outputSize(GEOMETRY, { ...input }, { image: source })
  if (input.fit !== 'inside' && input.fit !== 'outside') return box
  const ratios = [box.width / source.width, box.height / source.height]
  const factor = input.fit === 'inside' ? Math.min(...ratios) : Math.max(...ratios)
  const scaled = (length: number) => Math.max(1, Math.round(length * factor))
  return { width: scaled(source.width), height: scaled(source.height) }
}

/** `inside` and `outside` are settled by the target; sharp is told the exact size. */
function resizing({ fit, position, background }: ResizeInput, target: Size): ResizeOptions {
  if (fit === 'cover') return { ...target, fit, position }
  if (fit !== 'contain') return { ...target, fit: 'fill' }
  const place = position === 'attention' || position === 'entropy' ? 'centre' : position
  return { ...target, fit, position: place, background }
}

function inFormat(picture: Sharp, { format, quality, background }: ResizeInput): Sharp {
  if (format === 'png') return picture.png()
  if (format === 'jpeg') return picture.flatten({ background }).jpeg({ quality, mozjpeg: true })
  // AVIF's usual effort of 4 takes several times as long for three percent less.
  if (format === 'avif') return picture.avif({ quality, effort: 3 })
  return picture.webp({ quality })
}
