import '../bin/node_guard.js'

import { assertAnchorsFrozen } from './harness/anchors.js'
import {
  AnchorMissing,
  benchLine,
  missesFloor,
  type Benchmark,
  type Report,
} from './harness/benchmark.js'
import { machine } from './harness/machine.js'
import { writeResults, type Result } from './harness/results.js'
import { tableText } from './harness/table.js'

/** In the order in which they run. */
const ALL = [
  'accept',
  'accept-gateway',
  'accept-trips',
  'settle',
  'hot-account',
  'queue',
  'queue-latency',
  'complete',
  'overhead',
  'sse',
  'boot',
  'upscale',
]

const FLOOR_MISSED = 1
const ANCHOR_MISSING = 2

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !ALL.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${ALL.join(', ')}.`)
  process.exit(FLOOR_MISSED)
}

const results: Result[] = []
for (const name of wanted.length > 0 ? wanted : ALL) {
  const { default: benchmark } = await import(`./${name.replaceAll('-', '_')}.js`)
  results.push(await measure(benchmark))
}
if (wanted.length === 0) writeResults(results)
process.exit(Math.max(...results.map(({ exitCode }) => exitCode)))

async function measure(benchmark: Benchmark): Promise<Result> {
  console.log(`\n${benchmark.name}: ${benchmark.about}\n`)
  const lifetime = new AsyncDisposableStack()
  try {
    assertAnchorsFrozen()
    const report = await benchmark.run(lifetime).finally(() => lifetime.disposeAsync())
    tell(report)
    console.log(benchLine(benchmark, report.value))
    return { benchmark, report, exitCode: missesFloor(benchmark, report.value) ? FLOOR_MISSED : 0 }
  } catch (error) {
    const exitCode = error instanceof AnchorMissing ? ANCHOR_MISSING : FLOOR_MISSED
    const failure = error instanceof Error ? error : new Error(String(error))
    console.error(exitCode === ANCHOR_MISSING ? failure.message : failure)
    return { benchmark, failure: failure.message, exitCode }
  }
}

function tell({ settings, table, notes }: Report) {
  for (const [name, value] of Object.entries({ ...machine(), ...settings })) {
    console.log(`${name}: ${value}`)
  }
  console.log(`\n${tableText(table)}\n`)
  if (notes.length > 0) console.log(`${notes.join('\n')}\n`)
}
