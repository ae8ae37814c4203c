import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from '@japa/runner'
import type { Tensor } from '@tensorflow/tfjs-core'
import { tensor4d } from '@tensorflow/tfjs-core'
import { loadLayersModel } from '@tensorflow/tfjs-layers'
import { Esrgan, type Factor, type Pixels } from '../engine/esrgan.js'

const SIZE = { width: 26, height: 22 }
const EDGES = { left: false, top: false, right: false, bottom: false }

/** The package's model, run by the general executor of such files. */
async function keras(factor: Factor, values: Float32Array): Promise<Float32Array> {
  const folder = join(
    dirname(findPackageJSON('@upscalerjs/esrgan-slim', import.meta.url)!),
    `models/x${factor}`
  )
  const { modelTopology, weightsManifest } = JSON.parse(
    await readFile(join(folder, 'model.json'), 'utf8')
  )
  const weights = await readFile(join(folder, weightsManifest[0].paths[0]))
  const weightData = new Uint8Array(weights).buffer
  const model = await loadLayersModel({
    load: async () => ({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }),
  })
  const result = model.predict(tensor4d(values, [1, SIZE.height, SIZE.width, 3])) as Tensor
  return result.dataSync<'float32'>()
}

function farthest(one: Float32Array, other: Float32Array) {
  return one.reduce((most, value, index) => Math.max(most, Math.abs(value - other[index])), 0)
}

test.group('Network', (group) => {
  group.each.timeout(30_000)

  const values = Float32Array.from(
    { length: SIZE.width * SIZE.height * 3 },
    (_, index) => (index * 7919) % 256
  )

  test('computes what the model file of the package says, at {$self}×')
    .with([2, 3, 4] as const)
    .run(async ({ assert }, factor) => {
      const ours = await new Esrgan().enlarge({ values, ...SIZE }, EDGES, factor)

      const theirs = await keras(factor, values)
      assert.deepEqual([ours.width, ours.height], [SIZE.width * factor, SIZE.height * factor])
      assert.lengthOf(theirs, ours.values.length)
      assert.isBelow(farthest(ours.values, theirs), 0.01)
    })

  test('uses up its surroundings at inner sides and leaves the rest as it was', async ({
    assert,
  }) => {
    const esrgan = new Esrgan()
    const whole = await esrgan.enlarge({ values, ...SIZE }, EDGES, 2)
    const inner = await esrgan.enlarge(
      { values, ...SIZE },
      { ...EDGES, left: true, bottom: true },
      2
    )

    // Ten pixels less at each inner side, of which `factor - 1` of the result are left over.
    assert.deepEqual([inner.width, inner.height], [whole.width - 20 + 1, whole.height - 20 + 1])
    assert.isBelow(farthest(inner.values, part(whole, { left: 19, ...inner })), 0.01)
  })
})

/** The top of a picture, from `left` on. */
function part(
  whole: Pixels,
  { left, width, height }: { left: number; width: number; height: number }
) {
  const values = new Float32Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const start = (y * whole.width + left) * 3
    values.set(whole.values.subarray(start, start + width * 3), y * width * 3)
  }
  return values
}
