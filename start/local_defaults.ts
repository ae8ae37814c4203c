import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvLoader, EnvParser } from '@adonisjs/core/env'

/** What holds where neither the environment nor a `.env` file says otherwise. */
const DEFAULTS = {
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  PORT: '3333',
  LOG_LEVEL: process.env.NODE_ENV === 'production' ? 'info' : 'warn',
  TRUST_PROXY: 'false',
  DATABASE_POOL: '20',
  WORKER: 'inline',
  QUEUE_DRIVER: 'postgres',
}

/**
 * Fills `process.env` so that a fresh clone starts without a single setting: `.env`
 * files first, then the defaults, an own secret key, and an embedded Postgres where
 * `DATABASE_URL` names none.
 */
export async function completeEnvironment(root: URL) {
  for (const { contents } of await new EnvLoader(root).load()) {
    const parsed = await new EnvParser(contents, root).parse()
    for (const [name, value] of Object.entries(parsed)) process.env[name] ??= value
  }
  for (const [name, value] of Object.entries(DEFAULTS)) {
    process.env[name] = process.env[name]?.trim() || value
  }
  // Read only now: a .env file may have moved the data directory.
  const { directories } = await import('#start/directories')
  process.env.APP_KEY ||= await ownKey(directories.data)
  // People's pictures are not for every user of this machine.
  await mkdir(directories.files, { recursive: true, mode: 0o700 }).catch((error) => {
    throw new DataDirectoryFault(directories.data, error)
  })
  if (!process.env.DATABASE_URL) {
    const { useEmbeddedDatabase } = await import('#start/embedded_database')
    process.env.DATABASE_URL = await useEmbeddedDatabase(directories.postgres)
  }
}

/** The installation's secret key, made once. Whoever has several machines sets `APP_KEY` instead. */
async function ownKey(directory: string): Promise<string> {
  const file = join(directory, 'app.key')
  try {
    await mkdir(directory, { recursive: true, mode: 0o711 })
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(file)
    if (!isThere) throw new DataDirectoryFault(directory, error as Error)
  }
  return readFile(file, 'utf8').catch((error) => {
    throw new DataDirectoryFault(directory, error)
  })
}

/** The data directory cannot be used; nothing was started. */
class DataDirectoryFault extends Error {
  readonly code = 'E_DATA_DIRECTORY'

  constructor(directory: string, { message }: Error) {
    super(
      `The data directory ${directory} cannot be used (${message}). ` +
        'Make it writable for this user, or choose another place: DATA_DIR=/some/where npm start'
    )
  }
}
