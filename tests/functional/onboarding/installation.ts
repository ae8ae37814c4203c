import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { dropDatabase, newDatabase } from '#tests/scratch_database'
import { freePort } from '#tests/throwaway'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A process of an installation, as an operator starts it. */
export interface ServerProcess {
  url: string
  /** All it has said so far. */
  said(): string
  /** Ends it as the kernel ends what has no time left: it can do nothing more. */
  kill(): Promise<void>
  /** Asks it to go. Answers with its exit code. */
  stop(): Promise<number | null>
}

/**
 * An installation of its own: an empty database, a data directory and as many server
 * processes as a test starts. Whoever makes it removes it.
 */
export class Installation {
  readonly #children = new Set<ChildProcess>()

  private constructor(
    readonly db: pg.Client,
    private readonly databaseUrl: string,
    private readonly directory: string
  ) {}

  static async make(): Promise<Installation> {
    const url = await newDatabase(process.env.DATABASE_URL!, 'installation')
    const db = new pg.Client({ connectionString: url })
    await db.connect()
    return new Installation(db, url, await mkdtemp(join(tmpdir(), 'daygen-installation-')))
  }

  /** Starts a server and waits until it says that it is ready. */
  async start(environment: Record<string, string> = {}): Promise<ServerProcess> {
    const port = environment.PORT ?? String(await freePort())
    const child = spawn(process.execPath, ['--import=@poppinss/ts-exec', 'bin/server.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.#environment, PORT: port, ...environment },
    })
    this.#children.add(child)
    const gone = once(child, 'exit').finally(() => this.#children.delete(child))
    let said = ''
    const ready = Promise.withResolvers<void>()
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        said += part
        if (said.includes('DayGen is ready at')) ready.resolve()
      })
    }
    const early = gone.then(() => {
      throw new Error(`The server went before it was ready:\n${said}`)
    })
    await Promise.race([ready.promise, early])
    early.catch(() => {})
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal)
      await gone
      return child.exitCode
    }
    return {
      url: `http://127.0.0.1:${port}`,
      said: () => said,
      kill: async () => void (await end('SIGKILL')),
      stop: () => end('SIGTERM'),
    }
  }

  /** Runs a command, as an operator does beside the servers. Answers what it said. */
  async ace(words: string[], environment: Record<string, string> = {}): Promise<string> {
    const child = spawn(process.execPath, ['ace.js', ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.#environment, ...environment },
    })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    await once(child, 'exit')
    const [output, complaints] = await said
    if (child.exitCode === 0) return output
    throw new Error(`ace ${words.join(' ')} failed:\n${output}\n${complaints}`)
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      NODE_ENV: 'development',
      LOG_LEVEL: 'error',
      HOST: '127.0.0.1',
      DATABASE_URL: this.databaseUrl,
      DATA_DIR: this.directory,
      DATABASE_POOL: '5',
    }
  }

  /** The rows of a query, with whole numbers as bigint. */
  async rows<Row = Record<string, any>>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const { rows } = await this.db.query(sql, values)
    return rows
  }

  async remove() {
    for (const child of this.#children) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await this.db.end()
    await dropDatabase(process.env.DATABASE_URL!, this.databaseUrl)
    await rm(this.directory, { recursive: true, force: true })
  }
}
