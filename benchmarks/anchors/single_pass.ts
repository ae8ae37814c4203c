import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { loadLayersModel } from '@tensorflow/tfjs-layers'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import sharp from 'sharp'

/**
 * ESRGAN slim 2x as its files describe it: the whole picture in one pass on one thread, from a
 * PNG to a PNG. As a process: told the path of a picture, it answers how many milliseconds it took.
 */
const folder = (name: string) => dirname(findPackageJSON(name, import.meta.url)!)
const weights = join(folder('@upscalerjs/esrgan-slim'), 'models', 'x2')
setWasmPaths(join(folder('@tensorflow/tfjs-backend-wasm'), 'dist') + sep)
await tf.setBackend('wasm')

const model = await loadLayersModel({
  async load() {
    const { modelTopology, weightsManifest } = JSON.parse(
      await readFile(join(weights, 'model.json'), 'utf8')
    )
    const file = await readFile(join(weights, weightsManifest[0].paths[0]))
    return {
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: new Uint8Array(file).buffer,
    }
  },
})

process.on('message', async (path: string) => {
  const start = performance.now()
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const values = tf.tidy(() => {
    const picture = tf.tensor4d(Float32Array.from(data), [1, info.height, info.width, 3])
    return (model.predict(picture) as tf.Tensor).dataSync<'float32'>()
  })
  const raw = { width: info.width * 2, height: info.height * 2, channels: 3 } as const
  await sharp(Uint8ClampedArray.from(values), { raw }).png().toBuffer()
  process.send!(performance.now() - start)
})
process.on('SIGTERM', () => process.exit(0))
