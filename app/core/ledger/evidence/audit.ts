import { LedgerFault } from '../errors.js'
import type { AccountHead, Books, BooksSnapshot, Head } from './books.js'
import { Chain, type ChainStart } from './chain.js'
import { headBytes } from './encoding.js'
import type { Finding } from './finding.js'
import { MerkleTree } from './merkle_tree.js'
import type { RootArchive } from './root_archive.js'
import { RootCheck, type VerifiedRoot } from './root_check.js'
import type { RootKey } from './signed_root.js'
import { sideBySide, SignedHeads } from './signed_heads.js'

interface Parts {
  books: Books
  archive: RootArchive
  key: RootKey
}

export interface AuditScope {
  /** Only this account; the roots are checked all the same. */
  accountId?: string
  /** Only what came after this root. Entries it covers are not read again. */
  since?: VerifiedRoot
}

type Tell = (finding: Finding) => void

/** A chain to follow: all of it, or what comes after a head that is known. */
interface Task {
  account: AccountHead
  start?: ChainStart
}

const SIGNED = '10 what was signed is still so'
const ROOTS = '10 every root is there, in one chain'
/** Chains are read together until they have this many entries, or accounts. */
const ENTRIES_AT_ONCE = 20_000n
const ACCOUNTS_AT_ONCE = 500
const HEADS_AT_ONCE = 1_000

/**
 * Recomputes the books and holds them against the signed roots. What the database says about
 * itself is believed only for the invariants that are no matter of chains.
 */
export class Audit {
  /** What was looked at so far. */
  accounts = 0
  entries = 0
  roots = 0
  /** The newest root, once the audit is through. */
  newest: VerifiedRoot | null = null

  constructor(private readonly parts: Parts) {}

  /** Hands on every finding as it is found. */
  async run(scope: AuditScope, tell: Tell): Promise<void> {
    // Named before the books are read: no root that is looked at may be ahead of them.
    const newest = await this.parts.archive.newest()
    await this.parts.books.read(async (snapshot) => {
      const claims = new Claims(snapshot, tell)
      await this.#checkRoots((newest?.number ?? 0) + 1, scope, claims, tell)
      for await (const tasks of together(this.#tasks(snapshot, scope, claims, tell))) {
        await this.#follow(snapshot, tasks, tell)
      }
      await claims.check()

      for (const { entries, ...orphan } of await snapshot.orphans(scope.accountId)) {
        const detail = `${entries} entries from here on, and no account`
        tell({ ...orphan, root: null, rule: '2 every entry has its account', detail })
      }
      for (const broken of await snapshot.brokenInvariants(scope.accountId)) {
        const { accountId, invariant: rule, detail } = broken
        tell({ accountId, seq: null, root: null, rule, detail })
      }
    })
  }

  async #checkRoots(before: number, { accountId, since }: AuditScope, claims: Claims, tell: Tell) {
    const { archive, key } = this.parts
    const roots = new RootCheck(archive, key, { since, before })
    let sound = true
    const findings = roots.findings(async (head, root) => {
      if (!accountId || head.accountId === accountId) await claims.add(head, root)
    })
    for await (const finding of findings) {
      sound = false
      tell(finding)
    }
    this.roots = roots.count
    this.newest = roots.last
    // Of all roots in between, the lists are signed; what they amount to is checked at the end.
    if (sound && roots.last) {
      const signed = new SignedHeads(archive, key)
      await aboutRoot(roots.last.number, tell, async () => {
        await signed.moveTo(roots.last!)
        const tree = new MerkleTree()
        for await (const head of signed.heads()) tree.add(headBytes(head))
        const { merkleRoot, number } = signed.root!
        if (tree.root() === merkleRoot) return
        const detail = `expected Merkle root ${merkleRoot}, its heads have ${tree.root()}`
        tell({ accountId: null, seq: null, root: number, rule: ROOTS, detail })
      })
    }
  }

  /** Which chains are to be followed, and from where on. */
  async *#tasks(
    snapshot: BooksSnapshot,
    { accountId, since }: AuditScope,
    claims: Claims,
    tell: Tell
  ): AsyncGenerator<Task> {
    const signed = new SignedHeads(this.parts.archive, this.parts.key)
    if (since) await aboutRoot(since.number, tell, () => signed.moveTo(since))
    const known = only(signed.heads(), accountId)
    for await (const { before, now } of sideBySide(known, snapshot.heads(accountId))) {
      if (before) await claims.add(before, signed.root!.number)
      if (!now) {
        const detail = `root ${signed.root!.number} has it, the books do not`
        const subject = { accountId: before!.accountId, seq: null, root: signed.root!.number }
        tell({ ...subject, rule: SIGNED, detail })
        continue
      }
      this.accounts++
      if (before?.seq === now.seq && before.hash === now.hash) continue
      yield {
        account: now,
        start: before ? { seq: before.seq, hash: before.hash, balanceMicro: null } : undefined,
      }
    }
  }

  async #follow(snapshot: BooksSnapshot, tasks: Task[], tell: Tell) {
    const chains = new Map(
      tasks.map(({ account, start }) => [
        account.accountId,
        { account, chain: new Chain(account.accountId, start) },
      ])
    )
    const wanted = tasks.map(({ account: { accountId }, start }) => ({
      accountId,
      fromSeq: start && start.seq + 1n,
    }))
    for await (const entry of snapshot.entries(wanted)) {
      this.entries++
      chains.get(entry.accountId)!.chain.follow(entry).forEach(tell)
    }
    for (const { account, chain } of chains.values()) chain.end(account).forEach(tell)
  }
}

/** Heads that were signed, held against the entries. Each account is blamed once, by its first. */
class Claims {
  #open: { head: Head; root: number }[] = []
  readonly #blamed = new Set<string>()

  constructor(
    private readonly snapshot: BooksSnapshot,
    private readonly tell: Tell
  ) {}

  async add(head: Head, root: number) {
    if (head.seq === 0n) return
    if (this.#open.push({ head, root }) >= HEADS_AT_ONCE) await this.check()
  }

  async check() {
    const stored = await this.snapshot.hashesAt(this.#open.map(({ head }) => head))
    this.#open.forEach(({ head, root }, index) => {
      const { accountId, seq, hash } = head
      if (stored[index] === hash || this.#blamed.has(accountId)) return
      this.#blamed.add(accountId)
      const there = stored[index] ? `stored is ${stored[index]}` : 'there is no such entry'
      const detail = `root ${root} signed hash ${hash}, ${there}`
      this.tell({ accountId, seq, root, rule: SIGNED, detail })
    })
    this.#open = []
  }
}

/** What is wrong with a root is a finding like others, and no end of the audit. */
async function aboutRoot(root: number, tell: Tell, task: () => Promise<void>) {
  try {
    await task()
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error
    tell({ accountId: null, seq: null, root, rule: ROOTS, detail: error.message })
  }
}

async function* only(heads: AsyncIterable<Head>, accountId?: string): AsyncGenerator<Head> {
  for await (const head of heads) if (!accountId || head.accountId === accountId) yield head
}

async function* together(tasks: AsyncIterable<Task>): AsyncGenerator<Task[]> {
  let batch: Task[] = []
  let entries = 0n
  for await (const task of tasks) {
    batch.push(task)
    entries += task.account.seq - (task.start?.seq ?? 0n)
    if (entries < ENTRIES_AT_ONCE && batch.length < ACCOUNTS_AT_ONCE) continue
    yield batch
    batch = []
    entries = 0n
  }
  if (batch.length > 0) yield batch
}
