import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { Network, type InnerSides } from './network.js'

export type Factor = 2 | 3 | 4

export interface Pixels {
  /** RGB, 0–255, row by row. */
  values: Float32Array
  width: number
  height: number
}

/**
 * ESRGAN slim on the CPU, with the weights of `@upscalerjs/esrgan-slim`. It computes
 * synchronously and for seconds, so it belongs on a thread of its own.
 */
export class Esrgan {
  readonly #networks = new Map<Factor, Promise<Network>>()
  #backend?: Promise<void>

  /**
   * The enlarged pixels, neither rounded nor clamped. Of the surroundings at inner sides,
   * `factor - 1` pixels are left.
   */
  async enlarge(
    { values, width, height }: Pixels,
    inner: InnerSides,
    factor: Factor
  ): Promise<Pixels> {
    const network = await this.#network(factor)
    const result = tf.tidy(() => network.enlarge(tf.tensor4d(values, [1, height, width, 3]), inner))
    try {
      const [, rows, columns] = result.shape
      return { values: result.dataSync<'float32'>(), width: columns, height: rows }
    } finally {
      result.dispose()
    }
  }

  /** Tensors alive, to tell a leak. */
  get tensors() {
    return tf.memory().numTensors
  }

  #network(factor: Factor): Promise<Network> {
    this.#backend ??= startBackend()
    let network = this.#networks.get(factor)
    if (!network) {
      network = this.#backend.then(() => load(factor))
      this.#networks.set(factor, network)
    }
    return network
  }
}

/** The WASM files lie beside the package's code; by default it would fetch them by URL. */
async function startBackend() {
  setWasmPaths(join(packageFolder('@tensorflow/tfjs-backend-wasm'), 'dist') + sep)
  await tf.setBackend('wasm')
  await tf.ready()
}

/** The package's own loader wants a URL and the whole of TensorFlow.js. */
async function load(factor: Factor): Promise<Network> {
  const folder = join(packageFolder('@upscalerjs/esrgan-slim'), 'models', `x${factor}`)
  const model = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'))
  const [{ paths, weights: specifications }] = model.weightsManifest
  const file = await readFile(join(folder, paths[0]))
  const weights = tf.io.decodeWeights(new Uint8Array(file).buffer, specifications)
  return new Network(weights, factor)
}

function packageFolder(name: string) {
  const manifest = findPackageJSON(name, import.meta.url)
  if (!manifest) throw new Error(`The package ${name} is not installed. Run "npm ci".`)
  return dirname(manifest)
}
