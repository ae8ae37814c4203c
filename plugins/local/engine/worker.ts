import { parentPort } from 'node:worker_threads'
import { Esrgan, type Factor, type Pixels } from './esrgan.js'
import { withSurroundings, type Tile } from './tiles.js'

/** One tile to do. Source and target are shared by all tiles of a picture: nothing is copied between threads. */
export interface TileTask {
  factor: Factor
  tile: Tile
  width: number
  height: number
  /** RGB, row by row. */
  source: SharedArrayBuffer
  /** Likewise, `factor` times as wide and as high. */
  target: SharedArrayBuffer
}

export interface TileReport {
  /** Set when it failed. */
  error?: string
  tensors: number
}

const esrgan = new Esrgan()

parentPort!.on('message', async (task: TileTask) => {
  const report: TileReport = { tensors: 0 }
  try {
    await enlarge(task)
  } catch (error) {
    report.error = error instanceof Error ? error.message : String(error)
  }
  report.tensors = esrgan.tensors
  parentPort!.postMessage(report)
})

async function enlarge(task: TileTask) {
  const area = withSurroundings(task.tile, task)
  const inner = {
    left: area.left > 0,
    top: area.top > 0,
    right: area.left + area.width < task.width,
    bottom: area.top + area.height < task.height,
  }
  const pixels = { values: read(task, area), width: area.width, height: area.height }
  const enlarged = await esrgan.enlarge(pixels, inner, task.factor)
  const surplus = (isInner: boolean, surroundings: number) =>
    isInner ? task.factor - 1 : surroundings * task.factor
  const from = {
    left: surplus(inner.left, task.tile.left - area.left),
    top: surplus(inner.top, task.tile.top - area.top),
  }
  write(task, enlarged, from)
}

function read({ source, width }: TileTask, area: Tile): Float32Array {
  const from = new Uint8Array(source)
  const row = area.width * 3
  const values = new Float32Array(area.height * row)
  for (let y = 0; y < area.height; y++) {
    const start = ((area.top + y) * width + area.left) * 3
    values.set(from.subarray(start, start + row), y * row)
  }
  return values
}

/** A clamped array rounds and clamps as it is written. */
function write(
  { target, tile, width, factor }: TileTask,
  enlarged: Pixels,
  from: { left: number; top: number }
) {
  const to = new Uint8ClampedArray(target)
  const row = tile.width * factor * 3
  for (let y = 0; y < tile.height * factor; y++) {
    const start = ((from.top + y) * enlarged.width + from.left) * 3
    const place = ((tile.top * factor + y) * width + tile.left) * factor * 3
    to.set(enlarged.values.subarray(start, start + row), place)
  }
}
