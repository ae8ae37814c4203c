import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('../', import.meta.url))

/** A build inside its checkout (`build/`) shares the checkout's data, so that a rebuild loses nothing. */
const PROJECT = existsSync(join(HERE, '..', 'adonisrc.ts')) ? join(HERE, '..') : HERE

const data = process.env.DATA_DIR || join(PROJECT, '.data')

/** Where this installation keeps what it must not lose. `DATA_DIR` moves all of it. */
export const directories = {
  data,
  /** The embedded database. */
  postgres: join(data, 'postgres'),
  /** Assets, by organisation and content. */
  files: join(data, 'files'),
  /** The private key of the ledger's roots. Never in the database. */
  ledgerKey: join(data, 'ledger-key.pem'),
  /** The last root of the ledger that `ledger:verify` found right. */
  ledgerVerified: join(data, 'ledger-verified.json'),
}
