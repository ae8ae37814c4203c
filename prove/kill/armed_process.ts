import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILD } from '../../benchmarks/harness/build.js'

export interface Installation {
  databaseUrl: string
  /** Its data, and the logs of its processes. */
  directory: string
  /** Settings of its own. */
  environment?: Record<string, string>
}

/** A process of an installation, from `build/`, that is there to be killed. */
export class ArmedProcess {
  readonly gone: Promise<unknown>

  protected constructor(
    protected readonly child: ChildProcess,
    private readonly log: string
  ) {
    this.gone = once(child, 'exit')
  }

  get pid(): number {
    return this.child.pid!
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

/** Starts a program of `build/`, with what it says in the log that is answered. */
export function startArmed(
  program: string,
  { databaseUrl, directory, environment }: Installation,
  settings: Record<string, string>
): { child: ChildProcess; log: string } {
  const log = join(directory, 'application.log')
  const output = openSync(log, 'a')
  const child = spawn(
    process.execPath,
    [`--import=${new URL('prove/kill/armed.js', BUILD)}`, program],
    {
      cwd: fileURLToPath(BUILD),
      stdio: ['ignore', output, output],
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        APP_URL: '',
        APP_KEY: 'only-for-proofs-only-for-proofs-',
        DATA_DIR: directory,
        DATABASE_URL: databaseUrl,
        DATABASE_POOL: '8',
        LOG_LEVEL: 'error',
        REDIS_URL: '',
        ENABLE_PLUGINS: 'sandbox',
        ...settings,
        ...environment,
      },
    }
  )
  closeSync(output)
  return { child, log }
}
