import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { E_DATABASE_LOCKED } from './errors.js'
import { isRunning, stampOf } from './process_stamp.js'

const PATIENCE_SECONDS = 60
const UNSIGNED_GRACE_MS = 5_000

/**
 * Runs `work` while no other process runs its own under the same lock file.
 *
 * The lock of a process that died is taken over. A second call in the same process waits like any
 * other. Waiting is bounded: E_DATABASE_LOCKED after a minute. Not promised: order among those who
 * wait, and exclusion between machines or containers that share a disk, as they cannot see each
 * other's processes.
 */
export async function withDirectoryLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1_000
  while (!take(path)) {
    evictDeadHolder(path)
    if (Date.now() > deadline) {
      throw new E_DATABASE_LOCKED([Number.parseInt(holderOf(path) ?? ''), PATIENCE_SECONDS, path])
    }
    await sleep(20)
  }

  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Creates the file, signed by this process; `false` when it is there already. */
function take(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o644)
    writeSync(file, stampOf(process.pid)!)
    closeSync(file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/**
 * Two processes may find the same dead holder. If both simply deleted the file, the slower would
 * delete the lock that the faster has just taken. So eviction is itself exclusive, and looks again
 * once it is alone. The section is synchronous: a file left by one killed within it expires.
 */
function evictDeadHolder(path: string): void {
  if (!isAbandoned(path)) return

  const eviction = `${path}.eviction`
  if (take(eviction)) {
    if (isAbandoned(path)) rmSync(path, { force: true })
    rmSync(eviction, { force: true })
  } else if (ageOf(eviction) > UNSIGNED_GRACE_MS) {
    rmSync(eviction, { force: true })
  }
}

/** An unsigned file is either being signed this instant, or its writer was killed in between. */
function isAbandoned(path: string): boolean {
  const holder = holderOf(path)
  if (holder === undefined) return false
  return holder === '' ? ageOf(path) > UNSIGNED_GRACE_MS : !isRunning(holder)
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function ageOf(path: string): number {
  const file = statSync(path, { throwIfNoEntry: false })
  return file ? Date.now() - file.mtimeMs : 0
}
