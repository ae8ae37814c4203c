import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isReady } from './harness/app_process.js'
import type { Benchmark } from './harness/benchmark.js'
import { ROOT } from './harness/build.js'
import { useDirectory } from './harness/directory.js'
import { median } from './harness/statistics.js'

const ROUNDS = 5
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 20
/** Its last words on every start, the first of which makes a picture before them. */
const SETTLED = 'DayGen is ready'

/** From the command to the first request that can be served, as somebody who runs the checkout sees it. */
export default {
  name: 'boot',
  about:
    '`npm start` to /readyz answering 200, with a warm data directory and the embedded database',
  unit: 's',
  better: 'lower',
  floor: 6,
  target: 3,
  async run(lifetime) {
    const directory = await useDirectory(lifetime)
    const first = await start(directory)
    const seconds: number[] = []
    for (let round = 0; round < ROUNDS; round++) seconds.push(await start(directory))
    return {
      value: median(seconds),
      settings: { rounds: ROUNDS, database: 'embedded' },
      table: {
        columns: ['start', 's'],
        rows: [['first', first], ...seconds.map((one, n) => [n + 1, one])],
      },
      notes: ['The first start creates and fills the database; it does not count.'],
    }
  },
} satisfies Benchmark

/** Seconds until it is ready. Lets it finish what a first start does, then stops it. */
async function start(directory: string): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const app = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    env: { ...environment(), DATA_DIR: directory, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  app.stdout.on('data', (part) => (words += part))
  app.stderr.on('data', (part) => (words += part))
  try {
    await until(
      () => isReady(port),
      app,
      () => words
    )
    const seconds = (performance.now() - began) / 1000
    await until(
      async () => words.includes(SETTLED),
      app,
      () => words
    )
    return seconds
  } finally {
    await end(app)
  }
}

/** All of the group: npm, its shell and the application. */
async function end(app: ChildProcess) {
  if (app.exitCode !== null) return
  const ended = once(app, 'exit')
  process.kill(-app.pid!, 'SIGTERM')
  await ended
}

async function until(isSo: () => Promise<boolean>, app: ChildProcess, words: () => string) {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (app.exitCode !== null) throw new Error(`npm start ended:\n${words()}`)
    if (Date.now() > deadline) throw new Error(`npm start was not ready in a minute:\n${words()}`)
    await sleep(LOOK_EVERY_MS)
  }
}

/** Of a newcomer: nothing is configured. */
function environment() {
  const { DATABASE_URL, REDIS_URL, NODE_ENV, APP_KEY, ...rest } = process.env
  return rest
}
