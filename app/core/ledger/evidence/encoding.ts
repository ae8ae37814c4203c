import { hash } from 'node:crypto'
import type { ChainedEntry, Head } from './books.js'

/**
 * The hash of an entry that follows one with the hash `previous` (hexadecimal, empty for the
 * first): what `ledger_entry_hash` of the database computes, computed anew. An auditor must
 * not ask the database under suspicion what is right.
 */
export function entryHash(previous: string, entry: ChainedEntry): string {
  const bytes = new Bytes()
    .raw(previous)
    .text(entry.accountId)
    .int8(entry.seq)
    .text(entry.kind)
    .int8(entry.amountMicro)
    .int8(entry.balanceAfterMicro)
    .text(entry.grantId)
    .text(entry.holdId)
    .text(entry.ref)
    .text(entry.actor)
    .text(entry.reasonDigest)
    .int8(entry.createdAtMicros)
  return hash('sha256', bytes.done(), 'hex')
}

/** The fixed encoding of a head: leaves of the Merkle tree and digests of lists are made of it. */
export function headBytes({ accountId, seq, hash: headHash }: Head): Buffer {
  return new Bytes().text(accountId).int8(seq).text(headHash).done()
}

/** Account ids by their bytes, which is not how every database and `<` compare them. */
export function compareIds(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Integers are 8 bytes, big end first; a text has its length before it in 4, −1 when missing. */
class Bytes {
  #buffer = Buffer.allocUnsafe(512)
  #length = 0

  raw(hex: string) {
    this.#room(hex.length)
    this.#length += this.#buffer.write(hex, this.#length, 'hex')
    return this
  }

  int8(value: bigint) {
    this.#room(8)
    this.#length = this.#buffer.writeBigInt64BE(value, this.#length)
    return this
  }

  text(value: string | null) {
    // At most three bytes for each unit of UTF-16.
    this.#room(4 + 3 * (value?.length ?? 0))
    const size = value === null ? -1 : this.#buffer.write(value, this.#length + 4, 'utf8')
    this.#buffer.writeInt32BE(size, this.#length)
    this.#length += 4 + Math.max(0, size)
    return this
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #room(needed: number) {
    const wanted = this.#length + needed
    if (wanted <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
