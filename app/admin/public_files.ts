import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import app from '@adonisjs/core/services/app'

const resolved = (name: string) => fileURLToPath(import.meta.resolve(name))

/** Files of packages that browsers load as they are. No bundler, and none in the repository. */
export const VENDOR_FILES: Record<string, string> = {
  // The package's exports do not name this file, so it is found beside one they do.
  'chart.js': join(dirname(resolved('chart.js')), 'chart.umd.min.js'),
  'transmit-client.js': resolved('@adonisjs/transmit-client'),
}

const known = new Map<string, { changedAt: number; version: string }>()

/** The address of a public file with its content's digest, so that a new version is a new address. */
export function publicUrl(path: string): string {
  const file = VENDOR_FILES[path.replace('/vendor/', '')] ?? app.publicPath(path)
  return `${path}?v=${versionOf(file)}`
}

function versionOf(file: string): string {
  const entry = known.get(file)
  if (entry && app.inProduction) return entry.version
  const changedAt = statSync(file).mtimeMs
  if (entry?.changedAt === changedAt) return entry.version
  const version = createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 10)
  known.set(file, { changedAt, version })
  return version
}
