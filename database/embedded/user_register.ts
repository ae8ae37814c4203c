import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, stampOf } from './process_stamp.js'
import { makeInheritedDirectory } from './system_user.js'

/**
 * Who uses a cluster right now, one small file per user in a directory, so that the last one out
 * can stop the server. A process that died without leaving is not counted. Call it under the
 * directory's lock: the answer of `isEmpty` is only good for as long as nobody can join.
 */
export class UserRegister {
  constructor(readonly directory: string) {}

  /** Enters this process and returns its entry; a process may enter more than once. */
  join(): string {
    makeInheritedDirectory(this.directory)
    const entry = join(this.directory, `${process.pid}-${randomUUID().slice(0, 8)}`)
    writeFileSync(entry, stampOf(process.pid)!, { flag: 'wx' })
    return entry
  }

  /** Strikes an entry; one that is gone already is no fault. */
  leave(entry: string): void {
    rmSync(entry, { force: true })
  }

  /** Whether nobody alive is entered. Entries of the dead are removed on the way. */
  isEmpty(): boolean {
    const entries = this.#entries()
    const dead = entries.filter((entry) => !isRunning(readFileSync(entry, 'utf8')))
    for (const entry of dead) this.leave(entry)
    return dead.length === entries.length
  }

  #entries(): string[] {
    try {
      return readdirSync(this.directory).map((name) => join(this.directory, name))
    } catch (error) {
      if (error.code === 'ENOENT') return []
      throw error
    }
  }
}
