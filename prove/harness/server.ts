import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApplicationService } from '@adonisjs/core/types'
import pg from 'pg'
import { EmbeddedCluster } from '#database/embedded/cluster'
import { prepareDatabase } from '#database/prepare'
import { dropDatabase, newDatabase } from '#tests/scratch_database'
import type { Mutant } from '../proof.js'
import { CLOCK, CLOCK_PATH } from './clock.js'
import { connect } from './keepers.js'

const FUNCTIONS = new URL('../../database/functions/', import.meta.url)

/**
 * What may be lost in a power cut need not survive one here: nothing but processes is killed.
 * What is answered is written all the same, so that a killed server finds it.
 */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  max_connections: '200',
}

/** `plain` goes by the time of day, `clocked` by a clock that stands until it is set. */
export type Kind = 'plain' | 'clocked'

/**
 * A Postgres for scratch databases, embedded, that lives as long as the run. Never the one of
 * `DATABASE_URL`: a proof kills what serves it. Databases are copies of one that was prepared once.
 */
export class Server {
  readonly #templates = new Map<Kind, Promise<string>>()

  private constructor(
    private readonly app: ApplicationService,
    private readonly cluster: EmbeddedCluster,
    /** Where children write their logs. */
    readonly directory: string
  ) {}

  static async start(
    lifetime: AsyncDisposableStack,
    boot: () => Promise<ApplicationService>
  ): Promise<Server> {
    const directory = await mkdtemp(join(tmpdir(), 'daygen-prove-'))
    lifetime.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }))
    const cluster = await startCluster(directory)
    lifetime.defer(() => cluster.release())
    process.env.DATABASE_URL = cluster.url
    process.env.DATA_DIR = directory
    const app = await boot()
    const server = new Server(app, cluster, directory)
    lifetime.defer(() => server.#close())
    return server
  }

  get url(): string {
    return this.cluster.url
  }

  /** As if the power had failed and come back: everybody is cut off, and the server recovers from its log. */
  async restart(): Promise<void> {
    const file = await readFile(join(dataOf(this.directory), 'postmaster.pid'), 'utf8')
    const pid = Number.parseInt(file, 10)
    process.kill(pid, 'SIGQUIT')
    while (isAlive(pid)) await sleep(5)
    const again = await startCluster(this.directory)
    // This hold is one too many: the first one lasts.
    await again.release()
    if (again.url !== this.url) throw new Error(`Postgres came back elsewhere: ${again.url}`)
  }

  /** A scratch database, with what the mutant takes out of it. Gone with `lifetime`. */
  async database(lifetime: AsyncDisposableStack, kind: Kind, mutant?: Mutant): Promise<string> {
    const template = new URL(await this.#template(kind)).pathname.slice(1)
    const url = await newDatabase(this.url, 'prove', template)
    lifetime.defer(() => dropDatabase(this.url, url))
    await administer(url, async (client) => {
      const name = new URL(url).pathname.slice(1)
      if (kind === 'clocked') await client.query(`alter database ${name} set ${CLOCK_PATH}`)
      if (mutant) await client.query(await mutation(mutant))
    })
    return url
  }

  #template(kind: Kind): Promise<string> {
    const known = this.#templates.get(kind) ?? this.#prepare(kind)
    this.#templates.set(kind, known)
    return known
  }

  async #prepare(kind: Kind): Promise<string> {
    const url = await newDatabase(this.url, 'prove')
    if (kind === 'clocked') {
      const name = new URL(url).pathname.slice(1)
      await administer(url, (client) =>
        client.query(`alter database ${name} set ${CLOCK_PATH}; ${CLOCK}`)
      )
    }
    const { db, close } = connect(url)
    await prepareDatabase(this.app, db)
    // Streams begin with no entry again and again, where nobody else may remove one.
    if (kind === 'clocked') await db.rawQuery('alter table entries disable trigger user')
    await close()
    return url
  }

  async #close() {
    for (const template of this.#templates.values()) await dropDatabase(this.url, await template)
    await this.app.terminate()
  }
}

/** The functions without what the mutant takes out. Throws where that is not found exactly once. */
export async function mutation({ name, texts = [], sql = '' }: Mutant): Promise<string> {
  const files = new Map<string, string>()
  for (const { file, find, replace } of texts) {
    const text = files.get(file) ?? (await readFile(new URL(file, FUNCTIONS), 'utf8'))
    const found = text.split(find).length - 1
    if (found !== 1) {
      throw new Error(
        `The mutant ${name} looks for a text that ${file} has ${found} times, not once:\n${find}\n` +
          'Write it anew in prove/mutants.ts, as the function stands now.'
      )
    }
    files.set(
      file,
      text.replace(find, () => replace)
    )
  }
  return ['set check_function_bodies = off', ...files.values(), sql].join(';\n')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export async function administer<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>
): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  // A server that is killed is found out by the next query.
  client.on('error', () => {})
  await client.connect()
  return work(client).finally(() => client.end())
}

function startCluster(directory: string): Promise<EmbeddedCluster> {
  return EmbeddedCluster.acquire({
    dataDirectory: dataOf(directory),
    database: 'daygen_prove',
    settings: SETTINGS,
  })
}

function dataOf(directory: string): string {
  return join(directory, 'postgres')
}
