import { readFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Upscaler } from '#plugins/local/engine/upscaler'

export interface Upscaling {
  ms: number
  lagP99Ms: number
  width: number
  height: number
}

/** As a process: told the path of a picture, it enlarges it as the plugin does and watches its own event loop. */
const upscaler = new Upscaler()

process.on('message', async (path: string) => {
  const bytes = await readFile(path)
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  const start = performance.now()
  const { width, height } = await upscaler.upscale({ bytes, factor: 2, format: 'png' })
  const ms = performance.now() - start
  lag.disable()
  process.send!({ ms, lagP99Ms: lag.percentile(99) / 1e6, width, height } satisfies Upscaling)
})
process.on('SIGTERM', () => process.exit(0))
