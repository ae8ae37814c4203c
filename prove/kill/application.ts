import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, isReady } from '../../benchmarks/harness/app_process.js'
import { BUILD } from '../../benchmarks/harness/build.js'

const PATIENCE_MS = 60_000

export interface Installation {
  databaseUrl: string
  /** Its data, and the logs of its processes. */
  directory: string
  /** Settings of its own. */
  environment?: Record<string, string>
}

/** A process of an installation, from `build/`, that serves and works and is there to be killed. */
export class Application {
  readonly gone: Promise<unknown>

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly log: string
  ) {
    this.gone = once(child, 'exit')
  }

  /** Answers once it is ready, or once it has ended before. */
  static async start(
    { databaseUrl, directory, environment }: Installation,
    failpoint?: string,
    { port = 0 } = {}
  ): Promise<Application> {
    port ||= await freePort()
    const log = join(directory, 'application.log')
    const output = openSync(log, 'a')
    const child = spawn(
      process.execPath,
      [`--import=${new URL('prove/kill/armed.js', BUILD)}`, 'bin/server.js'],
      {
        cwd: fileURLToPath(BUILD),
        stdio: ['ignore', output, output],
        env: {
          PATH: process.env.PATH,
          NODE_ENV: 'production',
          FAILPOINT: failpoint ?? '',
          FAILPOINTS_IN_PRODUCTION: 'yes',
          HOST: '127.0.0.1',
          PORT: String(port),
          APP_URL: '',
          APP_KEY: 'only-for-proofs-only-for-proofs-',
          DATA_DIR: directory,
          DATABASE_URL: databaseUrl,
          DATABASE_POOL: '8',
          LOG_LEVEL: 'error',
          REDIS_URL: '',
          ENABLE_PLUGINS: 'sandbox',
          WORKER: 'inline',
          ...environment,
        },
      }
    )
    closeSync(output)
    const application = new Application(child, port, log)
    const deadline = Date.now() + PATIENCE_MS
    while (!(await isReady(port))) {
      // At its failpoint, or because its database was just killed under it.
      if (application.hasEnded) return application
      if (Date.now() > deadline) {
        await application.kill()
        throw new Error(`An application was not ready in a minute. It said:\n${application.said()}`)
      }
      await sleep(20)
    }
    return application
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.wasKilled
  }

  get wasKilled(): boolean {
    return this.child.signalCode === 'SIGKILL'
  }

  async kill() {
    if (this.hasEnded) return
    this.child.kill('SIGKILL')
    await this.gone
  }

  said(): string {
    return readFileSync(this.log, 'utf8').trim().split('\n').slice(-20).join('\n')
  }
}
