/** How large the outputs will be, told from the input alone, so that a price is known before the work. */
export type Geometry =
  /** A ratio such as `"16:9"` in the parameter, at about this many pixels, in multiples of `multipleOf`. */
  | { kind: 'aspect'; param: string; pixels: number; multipleOf: number }
  /** The reference in the parameter, enlarged by `factor` on each side. */
  | { kind: 'scale'; of: string; factor: number }
  /** Width and height as parameters; the one that is missing keeps the reference's ratio. */
  | { kind: 'box'; width: string; height: string; of: string }

export interface Size {
  width: number
  height: number
}

/** The size of one output. `references` holds the size of each reference, by its parameter. */
export function outputSize(
  geometry: Geometry,
  input: Record<string, unknown>,
  references: Record<string, Size>
): Size {
  if (geometry.kind === 'scale') {
    const { width, height } = references[geometry.of]
    return { width: width * geometry.factor, height: height * geometry.factor }
  }
  if (geometry.kind === 'aspect') {
    return sizeOfAspect(String(input[geometry.param]), geometry)
  }
  const source = references[geometry.of]
  const width = input[geometry.width] as number | undefined
  const height = input[geometry.height] as number | undefined
  return {
    width:
      width ?? Math.max(1, Math.round(((height ?? source.height) * source.width) / source.height)),
    height:
      height ?? Math.max(1, Math.round(((width ?? source.width) * source.height) / source.width)),
  }
}

function sizeOfAspect(ratio: string, geometry: { pixels: number; multipleOf: number }): Size {
  const [wide, high] = ratio.split(':').map(Number)
  const step = geometry.multipleOf
  const snap = (length: number) => Math.max(step, Math.round(length / step) * step)
  return {
    width: snap(Math.sqrt((geometry.pixels * wide) / high)),
    height: snap(Math.sqrt((geometry.pixels * high) / wide)),
  }
}
