/** A part of the source picture, in its pixels. */
export interface Tile {
  left: number
  top: number
  width: number
  height: number
}

/**
 * How many pixels of surroundings decide a pixel of the result: the radii of the network's
 * convolutions on its longest path (1+1+1+1+1+2+1+1, and one for the last, which runs on the
 * enlarged picture). A tile computed with that much surroundings equals the untiled result.
 */
export const REACH = 10

/** Below this a tile is mostly surroundings, so it is not split for the sake of another thread. */
const SMALLEST_EDGE = 32

/**
 * Cuts a picture into tiles no longer than `edge` on a side, of nearly equal size, in a number
 * that keeps every thread busy to the end.
 */
export function planTiles(
  picture: { width: number; height: number },
  { edge, threads }: { edge: number; threads: number }
): Tile[] {
  let columns = Math.max(1, Math.ceil(picture.width / edge))
  let rows = Math.max(1, Math.ceil(picture.height / edge))
  while (Number.isFinite(edge) && (columns * rows) % threads !== 0) {
    const wider = picture.width / columns > picture.height / rows
    const length = wider ? picture.width / (columns + 1) : picture.height / (rows + 1)
    if (length < SMALLEST_EDGE) break
    if (wider) columns++
    else rows++
  }
  return cuts(picture.height, rows).flatMap(([top, height]) =>
    cuts(picture.width, columns).map(([left, width]) => ({ left, top, width, height }))
  )
}

/** The tile with its surroundings, as far as the picture has any. */
export function withSurroundings(
  { left, top, width, height }: Tile,
  picture: { width: number; height: number }
): Tile {
  const right = Math.min(picture.width, left + width + REACH)
  const bottom = Math.min(picture.height, top + height + REACH)
  const from = { left: Math.max(0, left - REACH), top: Math.max(0, top - REACH) }
  return { ...from, width: right - from.left, height: bottom - from.top }
}

function cuts(length: number, parts: number): [start: number, size: number][] {
  const at = (part: number) => Math.round((length * part) / parts)
  return Array.from({ length: parts }, (_, part) => [at(part), at(part + 1) - at(part)])
}
