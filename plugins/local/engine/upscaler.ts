import { availableParallelism } from 'node:os'
import type { Factor } from './esrgan.js'
import { assertEncodable, decode, encode, enlargeAlpha, type PictureFormat } from './picture.js'
import { TilePool } from './tile_pool.js'
import { planTiles } from './tiles.js'

/**
 * Pixels on a side of a tile's result. Longer tiles waste less on surroundings, shorter ones
 * hold less memory (about 250 MB a thread at this length) and can be stopped sooner.
 */
const RESULT_EDGE = 512

export interface UpscalerOptions {
  /** Two by default, or one where the machine has one core. */
  threads?: number
  /** `Infinity` computes the picture in one pass. */
  resultEdge?: number
  /** How long idle threads stay warm. */
  idleMs?: number
}

export interface UpscaleOrder {
  /** A PNG, JPEG or WebP file. */
  bytes: Uint8Array
  factor: Factor
  format: PictureFormat
  signal?: AbortSignal
  /** Called as each tile is done. */
  progress?(tile: number, tiles: number): void
}

export interface Upscaled {
  bytes: Uint8Array
  width: number
  height: number
  tiles: number
  /** Tensors alive on the thread that finished last; the same number after every picture. */
  tensors: number
}

/** Enlarges pictures by ESRGAN on threads of its own. The calling thread only passes pointers on. */
export class Upscaler {
  readonly #threads: number
  readonly #resultEdge: number
  readonly #pool: TilePool

  constructor({ threads, resultEdge = RESULT_EDGE, idleMs = 60_000 }: UpscalerOptions = {}) {
    this.#threads = threads ?? Math.min(2, availableParallelism())
    this.#resultEdge = resultEdge
    this.#pool = new TilePool({ size: this.#threads, idleMs })
  }

  async upscale({ bytes, factor, format, signal, progress }: UpscaleOrder): Promise<Upscaled> {
    const { rgb: source, alpha, ...size } = await decode(bytes)
    const enlarged = { width: size.width * factor, height: size.height * factor }
    assertEncodable(enlarged, format)

    const edge = Math.floor(this.#resultEdge / factor)
    const tiles = planTiles(size, { edge, threads: this.#threads })
    const target = new SharedArrayBuffer(enlarged.width * enlarged.height * 3)
    let done = 0
    let tensors = 0
    await allOrStop(tiles, signal, async (tile, stop) => {
      const report = await this.#pool.run({ factor, tile, ...size, source, target }, stop)
      tensors = report.tensors
      progress?.(++done, tiles.length)
    })

    const enlargedAlpha = alpha && (await enlargeAlpha(alpha, size, enlarged))
    const result = await encode({ ...enlarged, rgb: target, alpha: enlargedAlpha }, format)
    return { bytes: result, ...enlarged, tiles: tiles.length, tensors }
  }

  close() {
    return this.#pool.close()
  }
}

/** Runs them all; the first failure takes the rest off the threads. */
async function allOrStop<Item>(
  items: Item[],
  signal: AbortSignal | undefined,
  run: (item: Item, stop: AbortSignal) => Promise<void>
) {
  const failed = new AbortController()
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  try {
    await Promise.all(items.map((item) => run(item, stop)))
  } catch (error) {
    failed.abort()
    throw error
  }
}
