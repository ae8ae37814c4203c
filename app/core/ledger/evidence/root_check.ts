import type { Head } from './books.js'
import { headBytes } from './encoding.js'
import type { Finding } from './finding.js'
import { MerkleTree } from './merkle_tree.js'
import type { RootArchive, RootName } from './root_archive.js'
import { digestOf, HeadsDigest, rootOf, type RootKey } from './signed_root.js'

const ALL_THERE = '10 every root is there, in one chain'
const SIGNED = '10 every root is signed with the key'
const HEADS = '10 the heads beside a root are those it signed'

/** The last root that was found right. */
export interface VerifiedRoot extends RootName {
  digest: string
}

/** Goes through the signed roots, one after the other, and hands on the heads that can be believed. */
export class RootCheck {
  /** How many roots were looked at. */
  count = 0
  #last: VerifiedRoot | null

  constructor(
    private readonly archive: RootArchive,
    private readonly key: RootKey,
    private readonly range: {
      /** The roots up to this one were checked before. */
      since?: VerifiedRoot
      /** Not included: roots that came later than what they are held against. */
      before?: number
    } = {}
  ) {
    this.#last = range.since ?? null
  }

  /** The newest root there is. */
  get last(): VerifiedRoot | null {
    return this.#last
  }

  /** What is wrong with the roots. What each signed is handed to `onHead`, if its list is genuine. */
  async *findings(onHead: (head: Head, root: number) => Promise<void>): AsyncGenerator<Finding> {
    const { since, before = Infinity } = this.range
    if (since) {
      const sealed = await this.archive.read(since)
      if (!sealed || digestOf(sealed) !== since.digest) {
        yield finding(
          since.number,
          ALL_THERE,
          `it was verified as ${since.digest}, and is not that`
        )
      }
    }
    for await (const name of this.archive.list(since?.number)) {
      if (name.number >= before) continue
      this.count++
      yield* this.#check(name, onHead)
    }
  }

  async *#check(name: RootName, onHead: (head: Head, root: number) => Promise<void>) {
    const { number } = name
    const before = this.#last
    const expected = (before?.number ?? 0) + 1
    if (number !== expected) {
      const what =
        number < expected
          ? 'there is another of that number'
          : `root ${expected}${number > expected + 1 ? ` to ${number - 1}` : ''} is missing before it`
      yield finding(number < expected ? number : expected, ALL_THERE, what)
    }
    const sealed = await this.archive.read(name)
    const digest = sealed ? digestOf(sealed) : ''
    this.#last = { ...name, digest }
    const root = sealed && rootOf(sealed.text)
    if (!sealed || !root || root.number !== number) {
      yield finding(number, ALL_THERE, 'it is missing or damaged')
      return
    }
    if (number === expected && root.previous !== (before?.digest ?? null)) {
      const named = `it follows the root ${root.previous}, the one before it is ${before?.digest ?? null}`
      yield finding(number, ALL_THERE, named)
    }
    if (sealed.key !== this.key.id || !this.key.sealed(sealed)) {
      const by =
        sealed.key === this.key.id
          ? 'its signature is not of this text'
          : `the key was ${sealed.key}`
      yield finding(number, SIGNED, `expected a signature of key ${this.key.id}; ${by}`)
      return
    }
    if (!(await this.#genuine(name, root.heads))) {
      yield finding(number, HEADS, `expected ${root.heads.count} with digest ${root.heads.sha256}`)
      return
    }
    const tree = root.heads.base === number ? new MerkleTree() : null
    for await (const head of this.archive.heads(name)) {
      if (!head) break
      tree?.add(headBytes(head))
      await onHead(head, number)
    }
    if (tree && tree.root() !== root.merkleRoot) {
      yield finding(
        number,
        HEADS,
        `their Merkle root is ${tree.root()}, signed was ${root.merkleRoot}`
      )
    }
  }

  /** Read once before it is believed: a list may be too long to keep. */
  async #genuine(name: RootName, signed: { count: number; sha256: string }) {
    const digest = new HeadsDigest()
    for await (const head of this.archive.heads(name)) {
      if (!head) return false
      digest.add(head)
    }
    return digest.count === signed.count && digest.hex() === signed.sha256
  }
}

function finding(root: number, rule: string, detail: string): Finding {
  return { accountId: null, seq: null, root, rule, detail }
}
