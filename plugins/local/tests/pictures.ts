import { readFile } from 'node:fs/promises'
import sharp from 'sharp'

export const photo = await readFile(new URL('../samples/photo.jpg', import.meta.url))

/** The photo at another size, as PNG. */
export function photoOf(width: number, height: number): Promise<Buffer> {
  return sharp(photo).resize(width, height).png().toBuffer()
}

export async function pixelsOf(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels }
}

/** The mean and the largest difference of two pictures' bytes. */
export async function difference(one: Uint8Array, other: Uint8Array) {
  const [a, b] = await Promise.all([pixelsOf(one), pixelsOf(other)])
  if (a.data.length !== b.data.length) throw new Error('The pictures differ in size.')
  let sum = 0
  let largest = 0
  for (const [index, value] of a.data.entries()) {
    const apart = Math.abs(value - b.data[index])
    sum += apart
    largest = Math.max(largest, apart)
  }
  return { mean: sum / a.data.length, largest }
}
