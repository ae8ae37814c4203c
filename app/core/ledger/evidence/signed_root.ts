import { createHash, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import type { Head } from './books.js'
import { headBytes } from './encoding.js'

/** What all accounts' chains were at one time. */
export interface Root {
  /** 1 for the first; each root has the next. */
  number: number
  time: Date
  /** The digest of the root before; `null` for the first. */
  previous: string | null
  /** How many there were. */
  accounts: number
  /** How many entries they had together. */
  entries: bigint
  /** Of all heads, by account id. */
  merkleRoot: string
  heads: {
    /**
     * The list beside this root has the heads that moved since the root before. Where `base`
     * is the root itself, it has all of them.
     */
    base: number
    count: number
    /** Of the encoded heads in the list, one after the other. */
    sha256: string
  }
}

/** A root's text as it was signed, and by what. */
export interface SealedRoot {
  text: string
  /** The id of the key that signed. */
  key: string
  /** Ed25519 over the text, in base64. */
  signature: string
}

const FORMAT = 'daygen-ledger-root'
const VERSION = 1

/** The one text of a root: what is signed are these bytes. */
export function textOf(root: Root): string {
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    number: root.number,
    time: root.time.toISOString(),
    previous: root.previous,
    accounts: root.accounts,
    entries: root.entries.toString(),
    merkle_root: root.merkleRoot,
    heads: root.heads,
  })
}

/** `null` when the text is none of a root. */
export function rootOf(text: string): Root | null {
  try {
    const { format, version, merkle_root: merkleRoot, ...rest } = JSON.parse(text)
    const root = { ...rest, merkleRoot, time: new Date(rest.time), entries: BigInt(rest.entries) }
    return format === FORMAT && version === VERSION && textOf(root) === text ? root : null
  } catch {
    return null
  }
}

/** What the next root names as the one before it. */
export function digestOf(sealed: Pick<SealedRoot, 'text'>): string {
  return hash('sha256', sealed.text)
}

/** The digest of a list of heads, taken as they come. */
export class HeadsDigest {
  readonly #sha256 = createHash('sha256')
  count = 0

  add(head: Head) {
    this.#sha256.update(headBytes(head))
    this.count++
  }

  /** Ends it. */
  hex(): string {
    return this.#sha256.digest('hex')
  }
}

/** An Ed25519 key for roots. With its public half alone it checks, but cannot sign. */
export class RootKey {
  readonly publicPem: string
  /** The beginning of the SHA-256 of the public key in DER: tells keys apart. */
  readonly id: string

  constructor(private readonly key: KeyObject) {
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('This is no Ed25519 key.')
    const shared = key.type === 'private' ? createPublicKey(key) : key
    this.publicPem = shared.export({ type: 'spki', format: 'pem' }).toString()
    const der = shared.export({ type: 'spki', format: 'der' })
    this.id = createHash('sha256').update(der).digest('hex').slice(0, 16)
  }

  seal(text: string): SealedRoot {
    const signature = sign(null, Buffer.from(text), this.key).toString('base64')
    return { text, key: this.id, signature }
  }

  /** Whether this key signed exactly this text. */
  sealed({ text, signature }: SealedRoot): boolean {
    return verify(null, Buffer.from(text), this.publicPem, Buffer.from(signature, 'base64'))
  }
}
