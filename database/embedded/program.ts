import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { E_DATABASE_BINARIES } from './errors.js'
import type { SystemUser } from './system_user.js'

/** Where a Postgres program runs, which must be its data directory, and as whom. */
export type Place = { cwd: string; user: SystemUser | undefined }

/**
 * Starts a Postgres program on the directory that is its working directory.
 *
 * It runs as `user` and must reach the directory even where that user may not pass through what
 * lies above, as in root's home. The system changes directory before it changes user, and on Linux
 * the link /proc/self/cwd leads there from anywhere, without a look at the path in between.
 *
 * Its environment is bare: none of the application's secrets, and no PG… variable of the shell's.
 */
export function startProgram(
  program: string,
  parameters: string[],
  { cwd, user }: Place,
  stdio: StdioOptions
): ChildProcess {
  const directory = user && process.platform === 'linux' ? '/proc/self/cwd' : cwd
  const { PATH, SystemRoot, TEMP } = process.env
  return spawn(program, [...parameters], {
    ...user,
    cwd,
    stdio,
    // Its own session, so that Ctrl-C reaches the application and leaves the database to it.
    detached: true,
    windowsHide: true,
    env: { PGDATA: directory, LC_ALL: 'C', TZ: 'UTC', PATH, SystemRoot, TEMP },
  })
}

/** Runs a Postgres program to its end. Throws with what it complained of when it failed. */
export async function runToEnd(
  program: string,
  parameters: string[],
  place: Place,
  input = ''
): Promise<void> {
  const child = startProgram(program, parameters, place, 'pipe')
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(cannotRun(program, error)))
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin!.on('error', () => {}).end(input)

  const finished = Promise.all([ended, text(child.stdout!), text(child.stderr!)])
  const [status, output, complaints] = await Promise.race([finished, failed])
  if (status !== 0 || /\b(ERROR|FATAL):/.test(complaints)) {
    throw new Error((complaints || output).trim())
  }
}

/** What it means that a program did not even start. */
export function cannotRun(program: string, error: Error): Error {
  const reason = `the system does not run it (${error.message}); on Linux it needs glibc, which Alpine lacks`
  return new E_DATABASE_BINARIES([program, reason], { cause: error })
}
