import { RootArchiveFault } from '../errors.js'
import type { Head } from './books.js'
import { compareIds } from './encoding.js'
import type { RootArchive, RootName } from './root_archive.js'
import { digestOf, HeadsDigest, rootOf, type Root, type RootKey } from './signed_root.js'

/**
 * All heads as they were at one signed root: its base's list, streamed, with what moved since.
 * Only what moved is kept in memory. Throws `E_LEDGER_ROOTS_BROKEN` at what was not signed so.
 */
export class SignedHeads {
  #at: { name: RootName; root: Root; digest: string } | null = null
  readonly #moved = new Map<string, Head>()

  constructor(
    private readonly archive: RootArchive,
    private readonly key: RootKey
  ) {}

  get root(): Root | null {
    return this.#at?.root ?? null
  }

  get digest(): string | null {
    return this.#at?.digest ?? null
  }

  /** How many accounts are kept in memory. */
  get moved(): number {
    return this.#moved.size
  }

  /** Reads what it takes to be at that root: only what is new when it lies ahead of where this is. */
  async moveTo(name: RootName): Promise<void> {
    if (this.#at?.name.number === name.number) return
    const { root, digest } = await this.#read(name)
    const { base } = root.heads
    const ahead = this.#at?.root.heads.base === base && this.#at.name.number < name.number
    const from = ahead ? this.#at!.name.number : base
    if (!ahead) this.#moved.clear()
    // Halfway through, the heads belong to no root.
    this.#at = null
    for (let number = from + 1; number <= name.number; number++) {
      const step = { number, date: name.date }
      const { root: signed } = await this.#read(step)
      for await (const head of this.#list(step, signed)) {
        this.#moved.set(head.accountId, head)
      }
    }
    this.#at = { name, root, digest }
  }

  /** By account id. Nothing before the first root. */
  async *heads(): AsyncGenerator<Head> {
    if (!this.#at) return
    const { name, root } = this.#at
    const base = { number: root.heads.base, date: name.date }
    const signed = base.number === name.number ? { root } : await this.#read(base)
    yield* overlaid(this.#list(base, signed.root), this.#moved)
  }

  async #read(name: RootName) {
    const sealed = await this.archive.read(name)
    const root = sealed && rootOf(sealed.text)
    if (!sealed || !root) throw new RootArchiveFault(`root ${name.number} is missing or damaged`)
    if (sealed.key !== this.key.id || !this.key.sealed(sealed)) {
      throw new RootArchiveFault(
        `root ${name.number} was not signed with this key (${this.key.id})`
      )
    }
    return { root, digest: digestOf(sealed) }
  }

  async *#list(name: RootName, { heads }: Root): AsyncGenerator<Head> {
    const digest = new HeadsDigest()
    for await (const head of this.archive.heads(name)) {
      if (!head) break
      digest.add(head)
      yield head
    }
    if (digest.count !== heads.count || digest.hex() !== heads.sha256) {
      throw new RootArchiveFault(`the heads beside root ${name.number} are not those it signed`)
    }
  }
}

/** A sorted stream of heads with others put over them and between them. */
async function* overlaid(base: AsyncIterable<Head>, over: Map<string, Head>): AsyncGenerator<Head> {
  const ids = [...over.keys()].sort(compareIds)
  let next = 0
  for await (const head of base) {
    while (next < ids.length && compareIds(ids[next], head.accountId) < 0) {
      yield over.get(ids[next++])!
    }
    const replaced = ids[next] === head.accountId
    yield replaced ? over.get(ids[next++])! : head
  }
  while (next < ids.length) yield over.get(ids[next++])!
}

/** Where two sorted streams of heads stand, account by account. One side may have no such account. */
export async function* sideBySide<Now extends Head>(
  before: AsyncIterable<Head>,
  now: AsyncIterable<Now>
): AsyncGenerator<{ before: Head | null; now: Now | null }> {
  const olds = before[Symbol.asyncIterator]()
  const news = now[Symbol.asyncIterator]()
  try {
    let old = await olds.next()
    let current = await news.next()
    while (!old.done || !current.done) {
      const order = old.done
        ? 1
        : current.done
          ? -1
          : compareIds(old.value.accountId, current.value.accountId)
      yield { before: order <= 0 ? old.value : null, now: order >= 0 ? current.value : null }
      if (order <= 0) old = await olds.next()
      if (order >= 0) current = await news.next()
    }
  } finally {
    await olds.return?.()
    await news.return?.()
  }
}
