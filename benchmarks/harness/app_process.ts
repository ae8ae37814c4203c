import { spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUILD, buildOnce } from './build.js'
import { startChild } from './child.js'

const BOOT_PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 20

export interface AppOptions {
  databaseUrl: string
  /** For its data and its log. */
  directory: string
  worker: 'inline' | 'off'
  /** A module of `benchmarks/` that changes something before the application is loaded. */
  preload?: string
}

/** The environment of an installation of its own, whatever this shell and `.env` say. */
function environment({ databaseUrl, directory, worker }: AppOptions): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    APP_URL: '',
    APP_KEY: 'only-for-benchmarks-only-for-bench',
    DATA_DIR: directory,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL: '20',
    LOG_LEVEL: 'info',
    REDIS_URL: '',
    ENABLE_PLUGINS: 'sandbox',
    WORKER: worker,
  }
}

/** Brings the database to what the application needs, without starting it. */
export function prepareDatabase(options: AppOptions) {
  buildOnce()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['ace.js', 'migration:run', '--force'],
    {
      cwd: BUILD,
      encoding: 'utf8',
      env: { ...process.env, ...environment(options), PORT: '0' },
    }
  )
  if (status !== 0) throw new Error(`The database could not be prepared.\n${stdout}\n${stderr}`)
}

/** The application as one process from `build/`. Answers the port once it is ready. */
export async function startApp(
  lifetime: AsyncDisposableStack,
  options: AppOptions
): Promise<number> {
  buildOnce()
  const port = await freePort()
  const app = startChild(lifetime, {
    file: new URL('bin/server.js', BUILD),
    cwd: BUILD,
    env: { ...environment(options), PORT: String(port) },
    execArgv: options.preload
      ? [`--import=${new URL(`benchmarks/${options.preload}`, BUILD)}`]
      : [],
    directory: options.directory,
  })
  const deadline = Date.now() + BOOT_PATIENCE_MS
  while (!(await isReady(port))) {
    if (app.hasEnded) throw app.failure('ended before it was ready')
    if (Date.now() > deadline) throw app.failure('was not ready in a minute')
    await sleep(LOOK_EVERY_MS)
  }
  return port
}

export async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`)
    .then((answer) => answer.ok)
    .catch(() => false)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
