import type { Head } from './books.js'

const HASH = /^([0-9a-f]{64})?$/

/** A head as one line of a list: `["org_…","12","<hash>"]`. */
export function lineOf({ accountId, seq, hash }: Head): string {
  return JSON.stringify([accountId, seq.toString(), hash])
}

/** `null` when the line is none of a head. */
export function headOf(line: string): Head | null {
  try {
    const [accountId, seq, hash] = JSON.parse(line)
    const sound = typeof accountId === 'string' && typeof hash === 'string' && HASH.test(hash)
    return sound ? { accountId, seq: BigInt(seq), hash } : null
  } catch {
    return null
  }
}
