import type { AccountHead, ChainedEntry } from './books.js'
import { entryHash } from './encoding.js'
import type { Finding } from './finding.js'

/** Where a chain begins: before its first entry, or after one that is known to be right. */
export interface ChainStart {
  seq: bigint
  hash: string
  /** Unknown where only a head is known. */
  balanceMicro: bigint | null
}

const GENESIS: ChainStart = { seq: 0n, hash: '', balanceMicro: 0n }

const IN_ORDER = '2 entries are gapless and in order'
const UNCHANGED = '2 an entry is as it was written'
const SUMMED = '2 each balance is the running sum'
const ENDS = '2 the account ends where its entries end'

/**
 * Follows the entries of one account. It goes on from what is stored, not from what it expected,
 * so that one changed entry is one finding and not the end of all that follow.
 */
export class Chain {
  #last: ChainStart

  constructor(
    private readonly accountId: string,
    start: ChainStart = GENESIS
  ) {
    this.#last = start
  }

  /** The next entry by seq. */
  follow(entry: ChainedEntry): Finding[] {
    const { seq, hash, balanceMicro } = this.#last
    this.#last = { seq: entry.seq, hash: entry.hash, balanceMicro: entry.balanceAfterMicro }
    if (entry.seq !== seq + 1n) {
      // What follows a gap was chained to what is missing.
      const first = entry.seq > seq ? seq + 1n : entry.seq
      return [this.#finding(IN_ORDER, first, gap(seq, entry.seq))]
    }
    const found: Finding[] = []
    const expected = entryHash(hash, entry)
    if (entry.hash !== expected) {
      found.push(
        this.#finding(UNCHANGED, entry.seq, `expected hash ${expected}, stored is ${entry.hash}`)
      )
    }
    if (balanceMicro !== null && entry.balanceAfterMicro !== balanceMicro + entry.amountMicro) {
      const sum = `${balanceMicro} + ${entry.amountMicro} = ${balanceMicro + entry.amountMicro}`
      found.push(
        this.#finding(SUMMED, entry.seq, `expected ${sum}, stored is ${entry.balanceAfterMicro}`)
      )
    }
    return found
  }

  /** After the last entry. */
  end(account: AccountHead): Finding[] {
    const { seq, hash, balanceMicro } = this.#last
    if (account.seq !== seq) {
      const ends = `the account says it ends at ${account.seq}, its entries end at ${seq}`
      const first = (account.seq > seq ? seq : account.seq) + 1n
      return [this.#finding(ENDS, first, ends)]
    }
    const found: Finding[] = []
    if (account.hash !== hash) {
      const heads = `the account's head is ${account.hash}, its last entry's hash ${hash}`
      found.push(this.#finding(ENDS, seq, heads))
    }
    if (balanceMicro !== null && account.balanceMicro !== balanceMicro) {
      const sums = `the account has ${account.balanceMicro}, its entries add up to ${balanceMicro}`
      found.push(this.#finding(ENDS, seq, sums))
    }
    return found
  }

  #finding(rule: string, seq: bigint, detail: string): Finding {
    return { accountId: this.accountId, seq, root: null, rule, detail }
  }
}

function gap(before: bigint, found: bigint): string {
  if (found <= before) return `entry ${found} does not belong after entry ${before}`
  if (found === before + 2n) return `entry ${before + 1n} is missing`
  return `entries ${before + 1n} to ${found - 1n} are missing`
}
