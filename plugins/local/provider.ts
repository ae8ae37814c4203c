import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { Factor } from './engine/esrgan.js'
import type { PictureFormat } from './engine/picture.js'
import { Upscaler } from './engine/upscaler.js'
import { LocalFault, Stopped } from './errors.js'
import { classify, usage, type WorkReport } from './mapping.js'
import { resize, type ResizeInput } from './resize.js'

const FACTORS: Record<string, Factor> = { 'esrgan-2x': 2, 'esrgan-3x': 3, 'esrgan-4x': 4 }

/** Works on this machine, so every answer is final: there is no handle, and an abort stops the work. */
export class LocalProvider extends ModelProvider {
  readonly #upscaler: Upscaler
  readonly classify = classify
  readonly usage = usage

  constructor(upscaler = new Upscaler()) {
    super()
    this.#upscaler = upscaler
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const factor = FACTORS[call.model]
    if (factor) return untilStopped(call.signal, () => this.#upscale(call, factor))
    if (call.model === 'resize') return untilStopped(call.signal, () => this.#resize(call))
    throw new LocalFault('internal', `This plugin has no model "${call.model}".`)
  }

  async close() {
    await this.#upscaler.close()
  }

  async #upscale({ input, references, signal, progress }: ProviderCall, factor: Factor) {
    const format = input.format as PictureFormat
    const result = await this.#upscaler.upscale({
      bytes: await references.image.bytes(),
      factor,
      format,
      signal,
      progress: (tile, tiles) => progress(tile / tiles, { tile, tiles }),
    })
    return done(result.bytes, format, {
      engine: `esrgan-slim ${factor}x`,
      width: result.width,
      height: result.height,
      pixelsIn: (result.width / factor) * (result.height / factor),
    })
  }

  async #resize({ input, references }: ProviderCall) {
    const source = await references.image.bytes()
    const { bytes, report } = await resize(source, input as unknown as ResizeInput)
    return done(bytes, input.format as PictureFormat, report)
  }
}

/** The caller hears of an abort at once. Tiles leave their queue; what sharp has begun it ends unseen. */
function untilStopped<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Stopped())
    const stop = () => reject(new Stopped())
    signal.addEventListener('abort', stop, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}

function done(bytes: Uint8Array, format: PictureFormat, raw: WorkReport): ProviderAnswer {
  return { status: 'done', outputs: [{ bytes, contentType: `image/${format}` }], raw }
}
