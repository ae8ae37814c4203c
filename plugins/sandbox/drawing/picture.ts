import sharp from 'sharp'
import { landscape, type Scene } from './landscape.js'

export type PictureFormat = 'png' | 'jpeg' | 'webp'

export async function drawPicture(scene: Scene, format: PictureFormat): Promise<Uint8Array> {
  return sharp(Buffer.from(landscape(scene)))
    .removeAlpha()
    .toFormat(format)
    .toBuffer()
}
