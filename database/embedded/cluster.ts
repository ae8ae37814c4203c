import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findBinaries } from './binaries.js'
import { DataDirectory, ROLE } from './data_directory.js'
import { withDirectoryLock } from './directory_lock.js'
import { E_DATABASE_DIRECTORY_UNUSABLE, E_DATABASE_START, E_DATABASE_USER } from './errors.js'
import { runningPostmaster, startPostmaster, stopPostmaster } from './postmaster.js'
import { becomeReady } from './readiness.js'
import { makeInheritedDirectory } from './system_user.js'
import { UserRegister } from './user_register.js'

export type EmbeddedClusterOptions = {
  /**
   * Becomes the Postgres data directory; absent or empty at first. Beside it appear the server's
   * `.log`, a `.lock` and the `.users` of the moment, all with its name in front.
   */
  dataDirectory: string

  /** Created when absent. */
  database: string

  /**
   * Postgres settings, such as `{ fsync: 'off' }` where data may be lost. They hold for a server
   * that this call starts, not for one it finds.
   */
  settings?: Record<string, string>

  /** Hears, in whole sentences, of what takes time or may surprise. */
  onNotice?: (line: string) => void
}

/**
 * A real Postgres that needs no installation, shared by all processes that name the same data
 * directory: the first starts it, the last one out stops it.
 *
 * Promised: what was committed survives a crash of any process and of the machine (unless settings
 * say otherwise); however many processes acquire or release at once, there is one server, and it
 * runs for as long as one of them holds it; one left running by a killed process is taken over.
 * Only this machine can connect, and only with the password.
 *
 * Not promised: that the port stays the same (ask `url` every time); that a server which is killed
 * comes back before the next acquire; more than one machine or container on a directory; an
 * upgrade of the data to another major version. No signal handler is installed: whoever acquires
 * must release. Where nobody does, the server keeps running.
 */
export class EmbeddedCluster {
  #directory: DataDirectory
  #entry: string
  #released?: Promise<void>

  private constructor(
    directory: DataDirectory,
    entry: string,
    /** Connects to the database, as a role that owns it and may create others. */
    readonly url: string,
    /** Whether this call started the server, rather than finding it. */
    readonly startedByUs: boolean,
    /** Whether this call created the cluster, so that it is empty. */
    readonly initialised: boolean
  ) {
    this.#directory = directory
    this.#entry = entry
  }

  /**
   * Returns once connections work. When it throws (E_DATABASE_…) it leaves no server behind that
   * was not there before.
   */
  static async acquire(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
    const directory = new DataDirectory(options.dataDirectory)
    directory.holdsCluster()
    try {
      makeInheritedDirectory(dirname(directory.path))
      return await withDirectoryLock(directory.lockPath, () => this.#open(directory, options))
    } catch (error) {
      throw error.syscall === undefined ? error : explain(error, directory)
    }
  }

  /**
   * Gives up this hold, and when it was the last one stops the server and waits for that: close
   * your connections first. A repeat changes nothing. E_DATABASE_STOP when the server will not go.
   */
  release(): Promise<void> {
    this.#released ??= withDirectoryLock(this.#directory.lockPath, async () => {
      const users = new UserRegister(this.#directory.usersPath)
      users.leave(this.#entry)
      if (users.isEmpty()) await stopPostmaster(this.#directory)
    })
    return this.#released
  }

  static async #open(directory: DataDirectory, options: EmbeddedClusterOptions) {
    const { database, onNotice } = options
    const initialised = !directory.holdsCluster()
    if (initialised) {
      onNotice?.(`Creating a Postgres database in ${directory.path}.`)
      const durable = options.settings?.fsync !== 'off'
      await directory.initialise(findBinaries(directory.user, onNotice), { durable })
    }

    const users = new UserRegister(directory.usersPath)
    const entry = users.join()
    try {
      const { password } = directory
      const { port, startedByUs } = await serve(directory, password, options)
      const url = `postgres://${ROLE}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
      return new EmbeddedCluster(directory, entry, url, startedByUs, initialised)
    } catch (error) {
      users.leave(entry)
      throw error
    }
  }
}

/**
 * Finds the server or starts one, and waits for it. One that ends meanwhile gets two more chances:
 * the one found may have been shutting down, the port have been taken by somebody faster, or the
 * last processes of a server that was killed still have been about.
 */
async function serve(
  directory: DataDirectory,
  password: string,
  { database, settings = {}, onNotice }: EmbeddedClusterOptions
): Promise<{ port: number; startedByUs: boolean }> {
  for (let chances = 3; ; chances--) {
    const found = runningPostmaster(directory)
    const binaries = () => findBinaries(directory.user, onNotice)
    const server = found ?? (await startPostmaster(directory, binaries(), settings))
    const { port, pid, hasEnded } = server

    const obstacle = await becomeReady({ port, user: ROLE, password, database }, hasEnded)
    if (!obstacle) {
      if (!found) onNotice?.(`Postgres listens on 127.0.0.1:${port} (process ${pid}).`)
      return { port, startedByUs: !found }
    }
    if (hasEnded() && chances > 1) {
      await sleep(100)
      continue
    }

    if (!found) await stopPostmaster(directory)
    const { path, logPath } = directory
    throw new E_DATABASE_START([path, obstacle, logPath, lastLines(logPath)])
  }
}

/** A system without room, rights or a disk, in words that say what to do about it. */
function explain(error: NodeJS.ErrnoException, { path, user }: DataDirectory): Error {
  // A root with clipped wings, as in a hardened container or one without other users.
  const isRefusedHandover = user && (error.code === 'EPERM' || error.code === 'EINVAL')
  return isRefusedHandover
    ? new E_DATABASE_USER([user.uid, error.message], { cause: error })
    : new E_DATABASE_DIRECTORY_UNUSABLE([path, error.message], { cause: error })
}

function lastLines(path: string): string {
  if (!existsSync(path)) return ''
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
}
