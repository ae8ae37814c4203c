import { filesOf } from './references.js'

/** How large the outputs will be, told from the input alone, so that a price is known before the work. */
export type Geometry =
  /** A ratio such as `"16:9"` in the parameter, at about this many pixels, in multiples of `multipleOf`. */
  | { kind: 'aspect'; param: string; pixels: number; multipleOf: number }
  /** The reference in the parameter, enlarged by `factor` on each side. */
  | { kind: 'scale'; of: string; factor: number }
  /** Width and height as parameters; the one that is missing keeps the reference's ratio. */
  | { kind: 'box'; width: string; height: string; of: string }
  /** `"1024x1536"` in the parameter: one of an enum, or whatever keeps the bounds. */
  | { kind: 'size'; param: string; bounds?: Bounds }
  /** Width and height as parameters that are always there, within the bounds. */
  | { kind: 'free'; width: string; height: string; bounds: Bounds }
  /**
   * What the vendor's table says, by parameters whose values are joined with a blank:
   * `{ '720p 16:9': '1280x720' }` by `['resolution', 'aspect_ratio']`.
   */
  | { kind: 'table'; by: string[]; sizes: Record<string, string> }
  /**
   * The ratio of the (first) reference, at about so many pixels: always the same, or by a
   * parameter that says a tier. The vendor rounds as it likes, so it is the price that it is good for.
   */
  | {
      kind: 'like'
      of: string
      pixels: number | { by: string; of: Record<string, number> }
      multipleOf: number
    }

/** What a vendor takes of sizes. Sides are in pixels. */
export interface Bounds {
  multipleOf?: number
  minSide?: number
  maxSide?: number
  minPixels?: number
  maxPixels?: number
  /** The longer side may be so many times the shorter. */
  maxRatio?: number
}

export interface Size {
  width: number
  height: number
}

type References = Record<string, Size>

/** The size of one output. `references` holds the size of each reference, by where the input names it. */
export function outputSize(
  geometry: Geometry,
  input: Record<string, unknown>,
  references: References
): Size {
  switch (geometry.kind) {
    case 'scale': {
      const { width, height } = firstOf(references, geometry.of)
      return { width: width * geometry.factor, height: height * geometry.factor }
    }
    case 'aspect': {
      const [wide, high] = String(input[geometry.param]).split(':').map(Number)
      return sizeOfRatio(wide / high, geometry)
    }
    case 'size':
      return readSize(String(input[geometry.param]))
    case 'free':
      return { width: Number(input[geometry.width]), height: Number(input[geometry.height]) }
    case 'table':
      return readSize(geometry.sizes[rowOf(geometry.by, input)])
    case 'like': {
      const { width, height } = firstOf(references, geometry.of)
      const { pixels, multipleOf } = geometry
      const many = typeof pixels === 'number' ? pixels : pixels.of[String(input[pixels.by])]
      return sizeOfRatio(width / height, { pixels: many, multipleOf })
    }
    case 'box':
      return boxOf(geometry, input, firstOf(references, geometry.of))
  }
}

/** A size that the vendor would refuse, in a sentence about the parameter that says it, or `null`. */
export function geometryProblem(
  geometry: Geometry | undefined,
  input: Record<string, unknown>
): { parameter: string; message: string } | null {
  if (!geometry || !('bounds' in geometry) || !geometry.bounds) return null
  const parameter = geometry.kind === 'size' ? geometry.param : geometry.width
  const { width, height } = outputSize(geometry, input, {})
  const broken = breach({ width, height }, geometry.bounds)
  if (broken === null) return null
  return { parameter, message: `${width}x${height} is not made here: ${broken}.` }
}

/** The parameters that a size is told from, and of which none may be missing. */
export function parametersOf(geometry: Geometry): string[] {
  switch (geometry.kind) {
    case 'aspect':
    case 'size':
      return [geometry.param]
    case 'free':
      return [geometry.width, geometry.height]
    case 'table':
      return geometry.by
    case 'like':
      return typeof geometry.pixels === 'number' ? [] : [geometry.pixels.by]
    case 'scale':
    case 'box':
      return []
  }
}

/** The row of a table that an input asks for. */
export function rowOf(by: string[], input: Record<string, unknown>): string {
  return by.map((name) => String(input[name])).join(' ')
}

const SIZE = /^(\d{1,5})x(\d{1,5})$/

/** `"1024x1536"`. Not a number on either side where it is none. */
export function readSize(text: string): Size {
  const [, width, height] = SIZE.exec(text) ?? []
  return { width: Number(width), height: Number(height) }
}

function breach({ width, height }: Size, bounds: Bounds): string | null {
  const { multipleOf = 1, minSide = 1, maxSide = Infinity } = bounds
  const { minPixels = 1, maxPixels = Infinity, maxRatio = Infinity } = bounds
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  if (width % multipleOf > 0 || height % multipleOf > 0) {
    return `both sides must be multiples of ${multipleOf}`
  }
  if (short < minSide) return `no side may be shorter than ${minSide}`
  if (long > maxSide) return `no side may be longer than ${maxSide}`
  if (width * height < minPixels) return `it must have at least ${minPixels} pixels`
  if (width * height > maxPixels) return `it may have at most ${maxPixels} pixels`
  return long > short * maxRatio ? `it may be at most ${maxRatio} times as long as wide` : null
}

function boxOf(
  geometry: Extract<Geometry, { kind: 'box' }>,
  input: Record<string, unknown>,
  source: Size
): Size {
  const width = input[geometry.width] as number | undefined
  const height = input[geometry.height] as number | undefined
  return {
    width:
      width ?? Math.max(1, Math.round(((height ?? source.height) * source.width) / source.height)),
    height:
      height ?? Math.max(1, Math.round(((width ?? source.width) * source.height) / source.width)),
  }
}

function firstOf(references: References, parameter: string): Size {
  return filesOf(references, parameter)[0]
}

function sizeOfRatio(
  ratio: number,
  { pixels, multipleOf: step }: { pixels: number; multipleOf: number }
): Size {
  const snap = (length: number) => Math.max(step, Math.round(length / step) * step)
  return { width: snap(Math.sqrt(pixels * ratio)), height: snap(Math.sqrt(pixels / ratio)) }
}
