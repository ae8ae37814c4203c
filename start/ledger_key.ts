import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { RootKey } from '#core/ledger/evidence/signed_root'
import { directories } from '#start/directories'
import env from '#start/env'

/** The key that signs the ledger's roots: that of `LEDGER_KEY`, else one of our own, made once. */
export async function loadLedgerKey(): Promise<RootKey> {
  const given = env.get('LEDGER_KEY')?.trim()
  if (given?.startsWith('-----BEGIN')) return keyOf(given.replaceAll('\\n', '\n'), 'LEDGER_KEY')
  const file = given || directories.ledgerKey
  if (!given) await makeOnce(file)
  const pem = await readFile(file, 'utf8').catch((error) => {
    throw new LedgerKeyFault(file, error.message)
  })
  return keyOf(pem, file)
}

function keyOf(pem: string, place: string): RootKey {
  try {
    return new RootKey(createPrivateKey(pem))
  } catch (error) {
    throw new LedgerKeyFault(place, (error as Error).message)
  }
}

/** Whole or not at all, and never over one that is there: another process may make it, too. */
async function makeOnce(file: string) {
  const { privateKey } = generateKeyPairSync('ed25519')
  const draft = `${file}.${randomUUID()}.part`
  try {
    await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    await link(draft, file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new LedgerKeyFault(file, message)
  } finally {
    await rm(draft, { force: true })
  }
}

class LedgerKeyFault extends Error {
  readonly code = 'E_LEDGER_KEY'

  constructor(place: string, detail: string) {
    super(
      `The key that signs the ledger's roots cannot be used: ${place} (${detail}). ` +
        'It has to be an Ed25519 private key as PEM, for instance from: openssl genpkey -algorithm ed25519'
    )
  }
}
