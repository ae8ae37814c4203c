import { Credits } from '../credits.js'
import type { BooksSnapshot, Period, Posting } from '../evidence/books.js'

const COLUMNS: Record<string, (posting: Posting) => unknown> = {
  account: ({ accountId }) => accountId,
  seq: ({ seq }) => seq,
  created_at: ({ createdAtMicros }) => instantOf(createdAtMicros),
  kind: ({ kind }) => kind,
  amount_credits: ({ amountMicro }) => Credits.fromMicro(amountMicro),
  balance_after_credits: ({ balanceAfterMicro }) => Credits.fromMicro(balanceAfterMicro),
  grant_id: ({ grantId }) => grantId,
  grant_kind: ({ grantKind }) => grantKind,
  hold_id: ({ holdId }) => holdId,
  ref: ({ ref }) => ref,
  actor: ({ actor }) => actor,
  reason_digest: ({ reasonDigest }) => reasonDigest,
  hash: ({ hash }) => hash,
}

/** Every entry as a row of cells, after a row of names. */
export async function* statement(
  snapshot: BooksSnapshot,
  period: Period
): AsyncGenerator<unknown[]> {
  yield Object.keys(COLUMNS)
  for await (const posting of snapshot.postings(period)) {
    yield Object.values(COLUMNS).map((cell) => cell(posting))
  }
}

/** To the microsecond, which is what the hash covers. */
function instantOf(micros: bigint): string {
  const instant = new Date(Number(micros / 1000n)).toISOString()
  return instant.replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`)
}
