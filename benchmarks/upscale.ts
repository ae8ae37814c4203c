import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { NotHonest, same, type Benchmark } from './harness/benchmark.js'
import { startChild } from './harness/child.js'
import { useDirectory } from './harness/directory.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'
import type { Upscaling } from './harness/upscaling.js'

const EDGE = 512
const ROUNDS = 3
const MOST_LAG_MS = 50
const PHOTO = fileURLToPath(new URL('../plugins/local/samples/photo.jpg', import.meta.url))

/** A model that computes for seconds inside the process that answers requests. */
export default {
  name: 'upscale',
  about:
    'ESRGAN 2x of 512×512 by the local plugin, PNG to PNG, in speed against one pass on one thread; the event loop meanwhile lags at most 50 ms (p99)',
  unit: 'x',
  better: 'higher',
  floor: 1.2,
  target: 1.8,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const picture = join(directory, 'picture.png')
    await sharp(PHOTO).resize(EDGE, EDGE, { fit: 'cover' }).toFile(picture)
    const plugin = startChild(lifetime, {
      file: new URL('./harness/upscaling.ts', import.meta.url),
      directory,
    })
    const anchor = startChild(lifetime, {
      file: new URL('./anchors/single_pass.ts', import.meta.url),
      directory,
    })

    const rounds = await interleave(
      {
        plugin: () => plugin.ask<Upscaling>(picture),
        anchor: () => anchor.ask<number>(picture),
      },
      ROUNDS
    )

    for (const { plugin: result } of rounds) {
      same(
        'The size of the result',
        `${result.width} × ${result.height}`,
        `${EDGE * 2} × ${EDGE * 2}`
      )
    }
    const lag = median(rounds.map((round) => round.plugin.lagP99Ms))
    if (lag > MOST_LAG_MS) {
      throw new NotHonest(
        `The event loop lagged ${lag.toFixed(0)} ms (p99), more than ${MOST_LAG_MS}.`
      )
    }
    const ratios = rounds.map((round) => round.anchor / round.plugin.ms)
    return {
      value: median(ratios),
      settings: { picture: `${EDGE} × ${EDGE} PNG`, rounds: ROUNDS },
      table: {
        columns: ['round', 'plugin ms', 'loop lag p99 ms', 'one pass ms', 'ratio'],
        rows: rounds.map((round, n) => [
          n + 1,
          round.plugin.ms,
          round.plugin.lagP99Ms,
          round.anchor,
          ratios[n],
        ]),
      },
      notes: [
        `The event loop lagged ${lag.toFixed(0)} ms (p99), at most ${MOST_LAG_MS} are allowed.`,
      ],
    }
  },
} satisfies Benchmark
