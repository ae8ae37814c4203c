import * as tf from '@tensorflow/tfjs-core'

/** Which sides of an area lie inside the picture. There its surroundings are used up as it is computed. */
export interface InnerSides {
  left: boolean
  top: boolean
  right: boolean
  bottom: boolean
}

/**
 * The residual dense network of ESRGAN slim, layer by layer as its `model.json` has it. At an
 * edge of the picture a convolution pads with zeros, as it was trained to. At an inner side it
 * pads nothing and shrinks by its radius: what was computed there would be wrong and thrown
 * away. A general executor of such files can only pad, and computes a tenth more.
 */
export class Network {
  readonly #weights: tf.NamedTensorMap
  readonly #factor: number

  /** @param weights `<layer>/kernel` and `<layer>/bias`, by these names. */
  constructor(weights: tf.NamedTensorMap, factor: number) {
    this.#weights = weights
    this.#factor = factor
  }

  /** RGB of 0–255 in, one picture; RGB out, `factor` times as large, with `factor - 1` pixels to spare at inner sides. */
  enlarge(picture: tf.Tensor4D, inner: InnerSides): tf.Tensor4D {
    const conv = (name: string, input: tf.Tensor4D) => this.#conv(name, input, inner)
    const relu = (name: string, input: tf.Tensor4D) => this.#conv(name, input, inner, 'relu')
    const within = (input: tf.Tensor4D, by: number) => crop(input, by, inner)

    const shallow = conv('F_m1', picture)
    const first = conv('F_0', shallow)
    const dense = (block: number, input: tf.Tensor4D) => {
      const kept = within(input, 1)
      const grown = tf.concat([kept, relu(`F_${block}_1`, input)], 3)
      return tf.add(conv(`LFF_${block}`, grown), kept) as tf.Tensor4D
    }
    const second = dense(1, first)
    const third = dense(2, second)
    const fused = conv('GFF_2', conv('GFF_1', tf.concat([within(second, 1), third], 3)))
    const deep = tf.add(fused, within(shallow, 4)) as tf.Tensor4D

    const subpixels = conv('UPN3', relu('UPN2', relu('UPN1', deep)))
    const [, height, width] = subpixels.shape
    const size: [number, number] = [height * this.#factor, width * this.#factor]
    return conv('SR', tf.image.resizeNearestNeighbor(subpixels, size))
  }

  #conv(name: string, x: tf.Tensor4D, inner: InnerSides, activation?: 'relu'): tf.Tensor4D {
    const filter = this.#weights[`${name}/kernel`] as tf.Tensor4D
    const radius = (filter.shape[0] - 1) / 2
    const bias = this.#weights[`${name}/bias`]
    const pad = padding(radius, inner)
    return tf.fused.conv2d({ x, filter, strides: 1, pad, bias, activation })
  }
}

function padding(
  radius: number,
  { left, top, right, bottom }: InnerSides
): tf.backend_util.ExplicitPadding {
  const at = (isInner: boolean) => (isInner ? 0 : radius)
  return [
    [0, 0],
    [at(top), at(bottom)],
    [at(left), at(right)],
    [0, 0],
  ]
}

/** What convolutions of these radii together leave of their input. */
function crop(x: tf.Tensor4D, by: number, inner: InnerSides): tf.Tensor4D {
  const [, height, width, channels] = x.shape
  const at = (isInner: boolean) => (isInner ? by : 0)
  const [left, top, right, bottom] = [inner.left, inner.top, inner.right, inner.bottom].map(at)
  if (left + top + right + bottom === 0) return x
  return tf.slice(x, [0, top, left, 0], [1, height - top - bottom, width - left - right, channels])
}
