/** How an account's chain stands: its last entry. `seq` 0 and an empty hash before the first one. */
export interface Head {
  accountId: string
  seq: bigint
  /** Hexadecimal. */
  hash: string
}

/** A head as the account's own row has it, with what the account says it owns. */
export interface AccountHead extends Head {
  /** available + held − overdraft. */
  balanceMicro: bigint
}

/** An entry with all that its hash covers, and the hash as it is stored. */
export interface ChainedEntry {
  accountId: string
  seq: bigint
  kind: string
  amountMicro: bigint
  balanceAfterMicro: bigint
  grantId: string | null
  holdId: string | null
  ref: string | null
  actor: string
  /** Hexadecimal. */
  reasonDigest: string | null
  /** Microseconds since 1970. */
  createdAtMicros: bigint
  /** Hexadecimal. */
  hash: string
}

/** An entry as accountants want it. */
export interface Posting extends ChainedEntry {
  /** Of the grant it names: `topup`, `promo`, … */
  grantKind: string | null
}

export interface RecordedLoss {
  accountId: string
  jobId: string
  attempt: number
  kind: string
  priceMicro: bigint
  vendorCostMicroUsd: bigint
  assumed: boolean
  createdAtMicros: bigint
}

/** Which part of the books: one account or all, and a time `from` (included) `to` (not included). */
export interface Period {
  accountId?: string
  from?: Date
  to?: Date
}

export interface Orphan {
  accountId: string
  /** The lowest. */
  seq: bigint
  entries: bigint
}

/** One state of the books. All streams are read in pages: memory does not grow with the books. */
export interface BooksSnapshot {
  /** When it was taken, by the clock of whoever keeps the books. */
  readonly time: Date

  /** How many accounts there are, and how many entries they say they have. */
  totals(): Promise<{ accounts: number; entries: bigint }>

  /** By account id, in the order of its bytes. */
  heads(accountId?: string): AsyncIterable<AccountHead>

  /**
   * All entries of these accounts, from a seq on where one is given. An account's entries come
   * together and by seq; the accounts come in any order.
   */
  entries(of: { accountId: string; fromSeq?: bigint }[]): AsyncIterable<ChainedEntry>

  /** In the same order. */
  postings(period: Period): AsyncIterable<Posting>

  /** The stored hash at each head's seq; `null` where there is no such entry. In the order asked. */
  hashesAt(heads: Head[]): Promise<(string | null)[]>

  /** Entries whose account is gone. */
  orphans(accountId?: string): Promise<Orphan[]>

  /** By account and time. */
  losses(period: Period): AsyncIterable<RecordedLoss>

  /** The invariants beside the chain of entries, as the keeper can check them by itself. */
  brokenInvariants(
    accountId?: string
  ): Promise<{ accountId: string; invariant: string; detail: string }[]>
}

/** The ledger as an auditor sees it: whole, still, and without a way to change it. */
export abstract class Books {
  /** The snapshot lives as long as the task. */
  abstract read<T>(task: (snapshot: BooksSnapshot) => Promise<T>): Promise<T>

  /** The same, in one process at a time: `null`, and no task, while another one is at it. */
  abstract readAlone<T>(task: (snapshot: BooksSnapshot) => Promise<T>): Promise<T | null>
}
