import { hash, randomBytes } from 'node:crypto'

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'
const SECRET_LENGTH = 40
/** How much of a key people may see again, to tell one from another. */
const VISIBLE = 'dg_live_'.length + 6

export const KEY_PATTERN = /^dg_(live|test)_[A-Za-z0-9]{40}$/

/** A new key. The text is shown once; only its digest is kept. */
export function mintKey(mode: 'live' | 'test') {
  // 232 bits: a plain digest suffices, there is nothing to guess. 56 letters divide 224 of 256 bytes evenly.
  let secret = ''
  while (secret.length < SECRET_LENGTH) {
    for (const byte of randomBytes(SECRET_LENGTH)) {
      if (byte < 224 && secret.length < SECRET_LENGTH) secret += ALPHABET[byte % 56]
    }
  }
  const text = `dg_${mode}_${secret}`
  return { text, prefix: text.slice(0, VISIBLE), hash: hashKey(text) }
}

export function hashKey(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
