import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = new URL('../../', import.meta.url)
export const BUILD = new URL('build/', ROOT)

const SOURCES = [
  'app',
  'bin',
  'config',
  'database',
  'plugins',
  'providers',
  'start',
  'resources',
  'benchmarks/harness',
  'prove/kill',
  'adonisrc.ts',
  'package.json',
]

/** Builds the application unless `build/` is newer than every source. */
export function buildOnce() {
  const made = fileURLToPath(new URL('package.json', BUILD))
  const newest = Math.max(...SOURCES.map((name) => lastChange(fileURLToPath(new URL(name, ROOT)))))
  if (existsSync(made) && statSync(made).ctimeMs > newest) return
  console.log('Building …')
  const { status, stdout } = spawnSync(process.execPath, ['ace.js', 'build'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`The build failed, so there is nothing to measure.\n${stdout}`)
}

function lastChange(path: string): number {
  if (!existsSync(path)) return 0
  const own = statSync(path)
  if (!own.isDirectory()) return own.mtimeMs
  return Math.max(own.mtimeMs, ...readdirSync(path).map((name) => lastChange(join(path, name))))
}
