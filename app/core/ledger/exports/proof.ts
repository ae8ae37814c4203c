import type { AccountHead, BooksSnapshot, ChainedEntry } from '../evidence/books.js'
import type { RootArchive, RootName } from '../evidence/root_archive.js'

const ACCOUNTS_AT_ONCE = 200

/**
 * Everything that `bin/ledger_verify_offline.js` needs to prove the books without them, as lines of
 * JSON: the signed roots, each followed by its heads; then each account, followed by its entries
 * with all that their hashes cover. Whoever gets it sees the ids of all accounts, even when the
 * entries are those of one: the roots cover them together.
 */
export async function* proof(
  snapshot: BooksSnapshot,
  {
    archive,
    newest,
    accountId,
  }: { archive: RootArchive; newest: RootName | null; accountId?: string }
): AsyncGenerator<string> {
  const counts = { roots: 0, accounts: 0, entries: 0 }
  yield line({ type: 'proof', version: 1, time: snapshot.time, account: accountId ?? null })
  for await (const name of archive.list()) {
    // A root that came after this snapshot speaks of entries that are not in it.
    const sealed = name.number <= (newest?.number ?? 0) ? await archive.read(name) : null
    if (!sealed) continue
    const { text: signed, ...seal } = sealed
    counts.roots++
    yield line({ type: 'root', signed, ...seal })
    for await (const head of archive.heads(name)) {
      if (head) yield line({ type: 'head', head: [head.accountId, head.seq, head.hash] })
    }
  }
  for await (const accounts of pages(snapshot.heads(accountId))) {
    const waiting = new Map(accounts.map((account) => [account.accountId, account]))
    for await (const entry of snapshot.entries(accounts)) {
      const account = waiting.get(entry.accountId)
      if (account) yield accountLine(account)
      waiting.delete(entry.accountId)
      yield entryLine(entry)
      counts.entries++
    }
    for (const empty of waiting.values()) yield accountLine(empty)
    counts.accounts += accounts.length
  }
  yield line({ type: 'end', ...counts })
}

function accountLine({ accountId, seq, hash, balanceMicro }: AccountHead): string {
  return line({ type: 'account', account: accountId, seq, hash, balance_micro: balanceMicro })
}

function entryLine(entry: ChainedEntry): string {
  return line({
    type: 'entry',
    account: entry.accountId,
    seq: entry.seq,
    kind: entry.kind,
    amount_micro: entry.amountMicro,
    balance_after_micro: entry.balanceAfterMicro,
    grant_id: entry.grantId,
    hold_id: entry.holdId,
    ref: entry.ref,
    actor: entry.actor,
    reason_digest: entry.reasonDigest,
    created_at_us: entry.createdAtMicros,
    hash: entry.hash,
  })
}

function line(value: object): string {
  return `${JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? part.toString() : part))}\n`
}

async function* pages(accounts: AsyncIterable<AccountHead>): AsyncGenerator<AccountHead[]> {
  let page: AccountHead[] = []
  for await (const account of accounts) {
    if (page.push(account) < ACCOUNTS_AT_ONCE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
