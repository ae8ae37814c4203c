import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Binaries, findBinaries } from './binaries.js'
import type { DataDirectory } from './data_directory.js'
import { E_DATABASE_STOP } from './errors.js'
import { cannotRun, startProgram } from './program.js'
import { stampOf } from './process_stamp.js'

/** A server on a data directory: its first process, and the port it listens on at 127.0.0.1. */
export type Postmaster = { pid: number; port: number; hasEnded: () => boolean }

const FAST_SHUTDOWN = { signal: 'SIGINT', patienceMs: 30_000 } as const
const IMMEDIATE_SHUTDOWN = { signal: 'SIGQUIT', patienceMs: 10_000 } as const

/** The server that runs on the directory, whoever started it, by what it writes there itself. */
export function runningPostmaster(directory: DataDirectory): Postmaster | undefined {
  const { pid, port } = readPidFile(directory)
  const hasEnded = () => !isServing(pid, directory)
  return hasEnded() ? undefined : { pid, port, hasEnded }
}

/**
 * Starts a server, without waiting for it to be ready; it outlives this process. `settings` go
 * before those in postgresql.conf.
 */
export async function startPostmaster(
  directory: DataDirectory,
  binaries: Binaries,
  settings: Record<string, string>
): Promise<Postmaster> {
  removeMisleadingPidFile(directory)
  const port = await freePort(directory)
  const address = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const parameters = Object.entries({ ...settings, ...address }).map(([k, v]) => `--${k}=${v}`)

  const log = directory.openLog()
  const place = { cwd: directory.path, user: directory.user }
  const child = startProgram(binaries.postgres, parameters, place, ['ignore', log, log])
  closeSync(log)
  await once(child, 'spawn').catch((error) => {
    throw cannotRun(binaries.postgres, error)
  })
  child.unref()
  return { pid: child.pid!, port, hasEnded: () => !isServing(child.pid!, directory) }
}

/**
 * Stops the server, if one runs, and returns when it is gone: its clients are cut off, what they
 * committed is kept. One that hangs is stopped as if the power had failed, and recovers when next
 * started.
 */
export async function stopPostmaster(directory: DataDirectory): Promise<void> {
  const server = runningPostmaster(directory)
  if (!server) return

  for (const { signal, patienceMs } of [FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN]) {
    send(signal, server.pid)
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (!isServing(server.pid, directory)) return
      await sleep(10)
    }
  }
  throw new E_DATABASE_STOP([directory.path, server.pid])
}

/** No file reads as a process that cannot be. */
function readPidFile(directory: DataDirectory): { pid: number; port: number } {
  const file = pidFileOf(directory)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(Number) : []
  return { pid: lines[0] ?? 0, port: lines[3] ?? 0 }
}

/**
 * Postgres refuses to start beside a live process of the number in its file. After a crash of the
 * machine that may be somebody else by now, and after one of the server itself, in a container
 * whose first process collects nobody, the dead one. Without the file it still refuses where
 * processes of an earlier server hold on to its shared memory.
 */
function removeMisleadingPidFile(directory: DataDirectory): void {
  if (!runningPostmaster(directory)) rmSync(pidFileOf(directory), { force: true })
}

function pidFileOf(directory: DataDirectory): string {
  return join(directory.path, 'postmaster.pid')
}

/**
 * A server's working directory is its data directory, which tells on Linux. Elsewhere any live
 * process passes; Postgres itself then refuses to start beside it and says so.
 */
function isServing(pid: number, directory: DataDirectory): boolean {
  if (stampOf(pid) === undefined) return false
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === directory.path
  } catch {
    return false
  }
}

/** Windows has no signals; pg_ctl knows what Postgres uses there in their place. */
function send(signal: 'SIGINT' | 'SIGQUIT', pid: number): void {
  try {
    if (process.platform !== 'win32') process.kill(pid, signal)
    else execFileSync(findBinaries().pgCtl, ['kill', signal.slice(3), String(pid)])
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/**
 * The same port on every start, as long as nobody else took it: derived from the directory's name,
 * below the ranges from which systems hand out ports of their own accord. Otherwise any free one.
 */
async function freePort(directory: DataDirectory): Promise<number> {
  const digest = createHash('sha256').update(directory.path).digest()
  const preferred = 15_432 + (digest.readUInt32BE() % 10_000)
  return (await tryPort(preferred)) ?? (await tryPort(0))!
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: free } = server.address() as { port: number }
      server.close(() => resolve(free))
    })
  })
}
