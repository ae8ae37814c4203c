import { appendFileSync } from 'node:fs'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

/**
 * Imported before an application whose disk is to fail, and by nothing else: in writing, in flushing
 * and in naming its files, before or after it is done, half of it or none. Each fault is a line of
 * `faults.log`. `STORE_LATER` lets a file be named later than the application was told.
 */
const PART = 0.4
const LATER_MS = 100
const LOG = join(process.env.DATA_DIR!, 'faults.log')
const FILES = join(process.env.DATA_DIR!, 'files', '/')

const { writeFile, open, rename } = files

Object.assign(files, {
  async writeFile(path: string, bytes: Uint8Array) {
    if (!isDraft(path)) return writeFile(path, bytes)
    if (isHit()) fail('ENOSPC', 'nothing was written')
    if (!isHit()) return writeFile(path, bytes)
    await writeFile(path, bytes.subarray(0, bytes.length / 2))
    fail('EIO', 'half was written')
  },
  async open(path: string, flags: string) {
    const file = await open(path, flags)
    if (isDraft(path)) {
      const { sync } = file
      file.sync = async () => {
        if (isHit()) fail('EIO', 'nothing was flushed')
        return sync.call(file)
      }
    }
    return file
  },
  async rename(from: string, to: string) {
    if (!isDraft(from)) return rename(from, to)
    const name = async () => {
      if (isHit()) fail('EROFS', 'it was not named')
      await rename(from, to)
      if (isHit()) fail('EIO', 'it was named, and not told so')
    }
    if (!process.env.STORE_LATER) return name()
    setTimeout(() => name().catch(() => {}), LATER_MS)
  },
})
syncBuiltinESMExports()

/** Of what is stored; the keys of the installation are written in the same way. */
function isDraft(path: unknown): path is string {
  return typeof path === 'string' && path.startsWith(FILES) && path.endsWith('.part')
}

/** Five chances for each file make it fail as often as `PART` says. */
function isHit(): boolean {
  return Math.random() < 1 - (1 - PART) ** (1 / 5)
}

function fail(code: string, what: string): never {
  appendFileSync(LOG, `${code} ${what}\n`)
  throw Object.assign(new Error(`${code}: ${what}`), { code })
}
