import type { AccountHead, ChainedEntry, Posting, RecordedLoss } from '#core/ledger/evidence/books'

/** Rows come as arrays, in the order of the columns of their query: there are millions of them. */

export function accountHeadOf(row: unknown[]): AccountHead {
  const [accountId, seq, hash, balanceMicro] = row as [string, bigint, string, bigint]
  return { accountId, seq, hash, balanceMicro }
}

type Text = string | null
type EntryRow = [
  string,
  bigint,
  string,
  bigint,
  bigint,
  Text,
  Text,
  Text,
  string,
  Text,
  bigint,
  string,
]

export function entryOf(row: unknown[]): ChainedEntry {
  const columns = row as EntryRow
  return {
    accountId: columns[0],
    seq: columns[1],
    kind: columns[2],
    amountMicro: columns[3],
    balanceAfterMicro: columns[4],
    grantId: columns[5],
    holdId: columns[6],
    ref: columns[7],
    actor: columns[8],
    reasonDigest: columns[9],
    createdAtMicros: columns[10],
    hash: columns[11],
  }
}

export function postingOf(row: unknown[]): Posting {
  return { ...entryOf(row), grantKind: row[12] as Text }
}

export function lossOf(row: unknown[]): RecordedLoss {
  const [
    accountId,
    jobId,
    attempt,
    kind,
    priceMicro,
    vendorCostMicroUsd,
    assumed,
    createdAtMicros,
  ] = row as [string, string, number, string, bigint, bigint, boolean, bigint]
  return {
    accountId,
    jobId,
    attempt,
    kind,
    priceMicro,
    vendorCostMicroUsd,
    assumed,
    createdAtMicros,
  }
}
