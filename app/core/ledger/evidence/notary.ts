import { BooksContradictedFault, RootArchiveFault } from '../errors.js'
import type { Books, BooksSnapshot, Head } from './books.js'
import { headBytes } from './encoding.js'
import { MerkleTree } from './merkle_tree.js'
import type { RootArchive } from './root_archive.js'
import { digestOf, HeadsDigest, textOf, type Root, type RootKey } from './signed_root.js'
import { sideBySide, SignedHeads } from './signed_heads.js'

interface Parts {
  books: Books
  archive: RootArchive
  key: RootKey
  logger: {
    error(facts: object, message: string): void
    info(facts: object, message: string): void
  }
}

/** What moved since the last root: more than this, and the next root lists all heads. */
const MOST_MOVED = 20_000
const BATCH = 1_000
/** Of contradictions, in a message. */
const NAMED = 5

/**
 * Signs, every so often, what all accounts' chains are: whoever changes an entry later cannot make
 * the change fit. It signs only what continues the last root, so a forgery found is never signed.
 */
export class Notary {
  readonly #signed: SignedHeads
  #timer: NodeJS.Timeout | null = null
  #busy: Promise<void> | null = null

  constructor(
    private readonly parts: Parts,
    private readonly mostMoved = MOST_MOVED
  ) {
    this.#signed = new SignedHeads(parts.archive, parts.key)
  }

  /** Signs at once what the last process left, then every `ms`. */
  start(ms: number) {
    this.#timer = setInterval(() => this.#tick(), ms).unref()
    this.#tick()
  }

  /** Signs what has moved until now, so that a stop leaves nothing unsigned. */
  async stop() {
    if (this.#timer) clearInterval(this.#timer)
    await this.#busy
    this.#tick()
    await this.#busy
  }

  /**
   * Writes a root unless nothing moved, or another process is at it.
   * @throws E_LEDGER_CONTRADICTED, E_LEDGER_ROOTS_BROKEN when the books or the roots were tampered with.
   */
  async sign(): Promise<Root | 'unchanged' | 'elsewhere'> {
    const outcome = await this.parts.books.readAlone((snapshot) => this.#sign(snapshot))
    return outcome ?? 'elsewhere'
  }

  async #sign(snapshot: BooksSnapshot): Promise<Root | 'unchanged'> {
    const { archive, key, logger } = this.parts
    const last = await archive.newest()
    const known = this.#signed.root?.number ?? 0
    if (known > (last?.number ?? 0)) throw new RootArchiveFault(`root ${known} is gone`)
    if (last) await this.#signed.moveTo(last)
    // Whatever the ledger does adds an account or an entry: a quiet minute costs two sums.
    const { accounts, entries } = await snapshot.totals()
    const signed = this.#signed.root ?? { accounts: 0, entries: 0n }
    if (accounts === signed.accounts && entries === signed.entries) return 'unchanged'

    const { moved, list, ...totals } = await this.#compare(snapshot)
    const date = snapshot.time.toISOString().slice(0, 10)
    const name = { number: (last?.number ?? 0) + 1, date }
    const complete = last?.date !== date || this.#signed.moved + moved > this.mostMoved
    const digest = new HeadsDigest()
    await archive.writeHeads(name, counted(complete ? snapshot.heads() : list, digest))
    const root: Root = {
      number: name.number,
      time: snapshot.time,
      previous: this.#signed.digest,
      ...totals,
      heads: {
        base: complete ? name.number : this.#signed.root!.heads.base,
        count: digest.count,
        sha256: digest.hex(),
      },
    }
    const sealed = key.seal(textOf(root))
    await archive.write(name, sealed)
    await this.#signed.moveTo(name)
    // Where logs are shipped, this line is a witness that nobody here can take back.
    logger.info({ root: root.number, digest: digestOf(sealed) }, 'signed a root of the ledger')
    return root
  }

  /** Adds up all heads, and checks that each continues the one that was signed last. */
  async #compare(snapshot: BooksSnapshot) {
    const tree = new MerkleTree()
    const found = { accounts: 0, entries: 0n, moved: 0, list: [] as Head[] }
    const wrong: string[] = []
    let claims: { head: Head; unless: string }[] = []
    const check = async () => {
      const hashes = await snapshot.hashesAt(claims.map(({ head }) => head))
      claims.forEach(({ head, unless }, index) => {
        if (hashes[index] !== head.hash) wrong.push(`${head.accountId} ${unless} ${head.seq}`)
      })
      claims = []
    }
    for await (const { before, now } of sideBySide(this.#signed.heads(), snapshot.heads())) {
      if (!now) {
        wrong.push(`${before!.accountId} is gone`)
        continue
      }
      tree.add(headBytes(now))
      found.accounts++
      found.entries += now.seq
      if (before?.seq === now.seq && before.hash === now.hash) continue
      found.moved++
      if (found.list.length <= this.mostMoved) found.list.push(now)
      if (before && before.seq > now.seq) {
        wrong.push(`${now.accountId} went back from entry ${before.seq} to ${now.seq}`)
        continue
      }
      if (before && before.seq > 0n) {
        claims.push({ head: before, unless: 'was rewritten at or before entry' })
      }
      if (now.seq > 0n) claims.push({ head: now, unless: 'does not end with its entry' })
      if (claims.length >= BATCH) await check()
    }
    await check()
    if (wrong.length > 0) throw new BooksContradictedFault(shortened(wrong))
    return { ...found, merkleRoot: tree.root() }
  }

  #tick() {
    this.#busy ??= this.sign()
      .then(() => {})
      .catch((error) => this.parts.logger.error({ err: error }, 'the ledger could not be signed'))
      .finally(() => {
        this.#busy = null
      })
  }
}

async function* counted(
  heads: AsyncIterable<Head> | Iterable<Head>,
  digest: HeadsDigest
): AsyncGenerator<Head> {
  for await (const head of heads) {
    digest.add(head)
    yield head
  }
}

function shortened(wrong: string[]): string[] {
  const more = wrong.length - NAMED
  return more > 0 ? [...wrong.slice(0, NAMED), `and ${more} more`] : wrong
}
