import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { readdirSync, readFileSync, realpathSync, renameSync, rmdirSync } from 'node:fs'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Binaries, POSTGRES_MAJOR } from './binaries.js'
import * as errors from './errors.js'
import { runToEnd } from './program.js'
import { serverUserFor, type SystemUser } from './system_user.js'

/** The role that DayGen connects as: it may create databases, and is no superuser. */
export const ROLE = 'daygen'

const PASSWORD_FILE = 'daygen.password'
const LOG_LIMIT_BYTES = 5_000_000

/**
 * Who may connect: roles with a password, from this machine. The superuser has none and so cannot;
 * `postgres --single` remains for whoever owns the directory.
 */
const HOST_BASED_AUTHENTICATION = 'host all all 127.0.0.1/32 scram-sha-256\n'

const CHARACTERS = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin']
const SETTINGS = ['cluster_name=daygen', 'timezone=UTC', 'log_timezone=UTC', 'log_checkpoints=off']
const INITDB = [
  ...['--username=postgres', '--auth=trust', '--no-instructions'],
  ...[...CHARACTERS, '--builtin-locale=C.UTF-8'],
  ...SETTINGS.map((setting) => `--set=${setting}`),
]

/** A cluster on disk, and the files beside it that go with it. */
export class DataDirectory {
  /** Absolute and free of symlinks, so that all who mean this directory agree on its name. */
  readonly path: string

  /** Who owns the cluster, when that is not the user this process runs as. */
  readonly user: SystemUser | undefined

  constructor(path: string) {
    this.path = canonical(resolve(path))
    this.user = serverUserFor(this.path)
  }

  get lockPath() {
    return `${this.path}.lock`
  }

  get usersPath() {
    return `${this.path}.users`
  }

  get logPath() {
    return `${this.path}.log`
  }

  /** What the role DayGen connects as logs in with. It lives and moves with the cluster. */
  get password(): string {
    return readFileSync(join(this.path, PASSWORD_FILE), 'utf8').trim()
  }

  /**
   * Whether a cluster is there. An absent or empty directory is not one; anything else that is not
   * one of ours, of this Postgres version and this user's, is refused with an error. Only looks.
   */
  holdsCluster(): boolean {
    const entries = this.#entries()
    if (entries.length === 0) return false
    if (!entries.includes('PG_VERSION') || !entries.includes(PASSWORD_FILE)) {
      throw new errors.E_DATABASE_DIRECTORY_OCCUPIED([this.path])
    }

    const version = readFileSync(join(this.path, 'PG_VERSION'), 'utf8').trim()
    if (version === POSTGRES_MAJOR) return true
    throw new errors.E_DATABASE_VERSION([this.path, version, POSTGRES_MAJOR])
  }

  /**
   * Creates the cluster, its role and its password in a draft beside the directory, which takes
   * its place in one step: a cluster that is there is whole. What an earlier attempt left, because
   * it was killed or the power failed, is removed. `durable: false` skips waiting for the disk.
   */
  async initialise(binaries: Binaries, { durable }: { durable: boolean }): Promise<void> {
    this.#removeDrafts()
    const draft = `${this.path}.draft-${randomBytes(4).toString('hex')}`
    const password = randomBytes(24).toString('hex')
    try {
      mkdirSync(draft, { mode: 0o700 })
      this.#own(draft)
      const place = { cwd: draft, user: this.user }
      await runToEnd(binaries.initdb, durable ? INITDB : [...INITDB, '--no-sync'], place)
      const createRole = `CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD '${password}'\n`
      await runToEnd(binaries.postgres, ['--single', 'postgres'], place, createRole)

      this.#write(join(draft, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION)
      this.#write(join(draft, PASSWORD_FILE), password)
      synchronise(draft)
      if (existsSync(this.path)) rmdirSync(this.path)
      renameSync(draft, this.path)
      synchronise(dirname(this.path))
      // What an initdb that outlived its killed parent wrote meanwhile; it has ended like ours by now.
      this.#removeDrafts()
    } catch (error) {
      this.#removeDrafts()
      if (error.code !== undefined) throw error
      throw new errors.E_DATABASE_INIT([this.path, error.message], { cause: error })
    }
  }

  /**
   * Opens the server's log to be added to. One that has grown large is set aside first, in place of
   * the one set aside before. Errors make it grow, traffic does not.
   */
  openLog(): number {
    const logged = statSync(this.logPath, { throwIfNoEntry: false })?.size ?? 0
    if (logged > LOG_LIMIT_BYTES) renameSync(this.logPath, `${this.logPath}.1`)
    const log = openSync(this.logPath, 'a', 0o600)
    this.#own(this.logPath)
    return log
  }

  #entries(): string[] {
    try {
      const entries = readdirSync(this.path)
      const owner = statSync(this.path).uid
      if (this.user || !process.getuid || entries.length === 0 || owner === process.getuid()) {
        return entries
      }
    } catch (error) {
      if (error.code === 'ENOENT') return []
      throw new errors.E_DATABASE_DIRECTORY_UNUSABLE([this.path, error.message], { cause: error })
    }
    throw new errors.E_DATABASE_DIRECTORY_UNUSABLE([this.path, 'it belongs to another user'])
  }

  #removeDrafts(): void {
    const parent = dirname(this.path)
    const drafts = readdirSync(parent).filter((name) =>
      name.startsWith(`${basename(this.path)}.draft-`)
    )
    for (const draft of drafts) {
      // An initdb that outlived its killed parent may still be writing, hence the retries.
      rmSync(join(parent, draft), { recursive: true, force: true, maxRetries: 10 })
    }
  }

  #write(path: string, content: string): void {
    writeFileSync(path, content, { mode: 0o600, flush: true })
    this.#own(path)
  }

  #own(path: string): void {
    if (this.user) chownSync(path, this.user.uid, this.user.gid)
  }
}

/** Brings a directory's names to disk, as Postgres does for its own. Windows cannot. */
function synchronise(directory: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function canonical(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(canonical(dirname(path)), basename(path))
}
