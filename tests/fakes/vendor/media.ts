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

/** By samples a second: the second byte of a frame's header, the rates of bits, the samples a frame. */
const SOUNDS: Record<number, { version: number; bitrates: number[]; samples: number }> = {
  44_100: {
    version: 0xfb,
    bitrates: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192],
    samples: 1152,
  },
  22_050: { version: 0xf3, bitrates: [8, 16, 24, 32, 40, 48, 56, 64], samples: 576 },
}

/** A silent MP3 of one channel; each `shade` is another file. */
export function sound(
  { hertz, kilobits }: { hertz: number; kilobits: number },
  seconds: number,
  shade = 0
): Buffer {
  const { version, bitrates, samples } = SOUNDS[hertz]
  const frame = Buffer.alloc(Math.floor((samples * kilobits * 125) / hertz))
  frame.set([0xff, version, (bitrates.indexOf(kilobits) + 1) << 4, 0xc0])
  // Behind a frame's sound, of which it has none, may be anything.
  frame.writeUInt32BE(shade, frame.length - 4)
  const frames = Math.max(1, Math.round((seconds * hertz) / samples))
  return Buffer.concat(Array.from({ length: frames }, () => frame))
}
