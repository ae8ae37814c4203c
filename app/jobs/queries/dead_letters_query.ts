import db from '@adonisjs/lucid/services/db'
import type { JobError } from '#core/queue/types'

/** A job that failed for good and that nobody has seen to. */
export interface DeadLetter {
  accountId: string
  id: string
  kind: string
  provider: string
  /** Of a generation: to have it done again takes a new hold. */
  metered: boolean
  state: 'failed' | 'expired'
  attempt: number
  error: Partial<JobError> | null
  createdAt: Date
  finishedAt: Date
}

/** A place in the list, which is sorted from the newest on. To the microsecond, as the database says it. */
export interface DeadLetterPlace {
  endedAt: string
  accountId: string
  id: string
}

export interface DeadLetterFilter {
  kind?: string
  accountId?: string
}

export async function deadLettersQuery(
  { kind, accountId }: DeadLetterFilter,
  { limit, after }: { limit: number; after?: DeadLetterPlace }
): Promise<{ letters: DeadLetter[]; next: DeadLetterPlace | null }> {
  const rows = await db
    .from('dead_letters')
    .select({
      accountId: 'account_id',
      id: 'id',
      kind: 'kind',
      provider: 'provider',
      metered: 'metered',
      state: 'state',
      attempt: 'attempt',
      error: 'error',
      createdAt: 'created_at',
      finishedAt: 'finished_at',
    })
    .select(db.raw('finished_at::text as "endedAt"'))
    .if(kind, (query) => query.where('kind', kind!))
    .if(accountId, (query) => query.where('account_id', accountId!))
    .if(after, (query) =>
      query.whereRaw(
        '(finished_at < ?::timestamptz or finished_at = ?::timestamptz and (account_id, id) > (?, ?))',
        [after!.endedAt, after!.endedAt, after!.accountId, after!.id]
      )
    )
    .orderBy([{ column: 'finished_at', order: 'desc' }, { column: 'account_id' }, { column: 'id' }])
    .limit(limit + 1)
  const letters: (DeadLetter & DeadLetterPlace)[] = rows.slice(0, limit)
  return { letters, next: rows.length > limit ? letters.at(-1)! : null }
}

/** One, by its job's id; quicker where it is known whose it is. */
export async function deadLetterQuery(
  id: string,
  accountId?: string
): Promise<Pick<DeadLetter, 'accountId' | 'id' | 'metered'> | null> {
  return db
    .from('dead_letters')
    .select({ accountId: 'account_id', id: 'id', metered: 'metered' })
    .where('id', id)
    .if(accountId, (query) => query.where('account_id', accountId!))
    .first()
}
