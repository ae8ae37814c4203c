import encoder from 'h264-mp4-encoder'
import sharp from 'sharp'
import { landscape, type Scene } from '../drawing/landscape.js'

const FRAMES_PER_SECOND = 24

export interface FilmOrder extends Omit<Scene, 'moment'> {
  seconds: number
}

/** An MP4 of H.264. Encoding blocks the thread it runs on. */
export async function drawFilm({ seconds, ...scene }: FilmOrder): Promise<Uint8Array> {
  const film = await encoder.createH264MP4Encoder()
  try {
    Object.assign(film, { width: scene.width, height: scene.height, frameRate: FRAMES_PER_SECOND })
    Object.assign(film, { quantizationParameter: 22, speed: 5, groupOfPictures: FRAMES_PER_SECOND })
    film.initialize()
    const frames = seconds * FRAMES_PER_SECOND
    for (let frame = 0; frame < frames; frame++) {
      const picture = Buffer.from(landscape({ ...scene, moment: frame / frames }))
      film.addFrameRgba(await sharp(picture).ensureAlpha().raw().toBuffer())
    }
    film.finalize()
    const bytes = new Uint8Array(film.FS.readFile(film.outputFilename))
    film.FS.unlink(film.outputFilename)
    return withoutDates(bytes)
  } finally {
    film.delete()
  }
}

/** The encoder writes the clock into three headers; without it the same order gives the same bytes. */
function withoutDates(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer)
  for (const box of ['mvhd', 'tkhd', 'mdhd']) {
    // Box name, version and flags (4 bytes each), then the times of creation and change.
    const start = file.indexOf(box, file.indexOf('moov')) + 8
    file.fill(0, start, start + 8)
  }
  return bytes
}
