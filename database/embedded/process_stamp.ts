import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Names one process for good: its id and the moment it started. The id alone is handed out again,
 * after a restart of a container nearly always to a process much like the one it named before.
 *
 * `undefined` means that no such process runs; one that has ended and is merely waiting to be
 * collected by its parent counts as ended. Where the start cannot be learned (Windows) the stamp
 * is the id alone.
 */
export function stampOf(pid: number): string | undefined {
  const startedAt = isAlive(pid) ? startOf(pid) : undefined
  return startedAt === undefined ? undefined : `${pid} ${startedAt}`
}

/** Whether the very process that a stamp was taken from is still running. */
export function isRunning(stamp: string): boolean {
  return stampOf(Number.parseInt(stamp, 10)) === stamp
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function startOf(pid: number): string | undefined {
  if (process.platform === 'win32') return ''
  try {
    return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
  } catch {
    return undefined
  }
}

/** proc_pid_stat(5): the command may hold anything, so fields are counted after its last `)`. */
function startOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  return state === 'Z' || state === 'X' ? undefined : startTicks
}

function startByPs(pid: number): string | undefined {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' })
  return line.trim() || undefined
}
