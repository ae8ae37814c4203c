import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

export type SystemUser = { uid: number; gid: number }

/** `nobody` on Debian, Fedora and most others. initdb asks that the uid has a name. */
const NOBODY: SystemUser = { uid: 65534, gid: 65534 }

/**
 * The system user that must own the cluster and run its server, or `undefined` for "just be
 * yourself". Postgres refuses to run as root, so root lends it to whoever owns the place: with
 * `sudo` in somebody's home the database stays theirs, and opens later without `sudo`. Where root
 * owns the place too, it is nobody's.
 */
export function serverUserFor(directory: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(nearestExisting(directory))
  return uid === 0 ? NOBODY : { uid, gid }
}

/** Creates a directory and what is missing above it, all owned by the owner of what was there. */
export function makeInheritedDirectory(directory: string): void {
  const { uid, gid } = statSync(nearestExisting(directory))
  const first = mkdirSync(directory, { recursive: true })
  if (first === undefined || process.getuid?.() !== 0) return

  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    chownSync(made, uid, gid)
  }
}

/** Whether the user gets through every directory above `path`, and may run or enter it. */
export function canReach(user: SystemUser, path: string): boolean {
  const { mode, uid, gid } = statSync(path)
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
  return (mode & bit) !== 0 && (path === dirname(path) || canReach(user, dirname(path)))
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path))
}
