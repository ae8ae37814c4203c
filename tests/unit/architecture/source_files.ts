import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file as the rules see it. */
export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  path: string
  text: string
}

const ROOT = new URL('../../../', import.meta.url)
const FOLDERS = [
  'app',
  'bin',
  'commands',
  'config',
  'database',
  'plugins',
  'providers',
  'start',
  'tests',
]

/** Every TypeScript and SQL file of the project. */
export async function sourceFiles(): Promise<SourceFile[]> {
  const found = await Promise.all(FOLDERS.map(filesUnder))
  return Promise.all(
    found.flat().map(async (path) => ({ path, text: await readFile(new URL(path, ROOT), 'utf8') }))
  )
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(new URL(`${folder}/`, ROOT), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => [])
  const root = fileURLToPath(ROOT)
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|sql)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}
