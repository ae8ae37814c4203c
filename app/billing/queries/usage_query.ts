import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

export const USAGE_GROUPS = ['day', 'provider', 'model', 'member', 'key', 'end_user'] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

const COLUMNS: Record<UsageGroup, string> = {
  day: `to_char(u.created_at at time zone a.timezone, 'YYYY-MM-DD')`,
  provider: 'u.provider',
  model: 'u.model',
  member: `coalesce(u.user_id, '')`,
  key: `coalesce(u.key_id, '')`,
  end_user: `coalesce(u.end_user, '')`,
}

export interface UsageRow {
  group: string
  attempts: number
  succeeded: number
  failed: number
  credits: Credits
}

interface UsageRequest {
  accountId: string
  from: Date
  to: Date
  groupBy: UsageGroup
}

/**
 * What was used in `[from, to)`, retries and failures included. Days are the organisation's own.
 * Of months that were pruned, a quarter of an hour counts whole, by its beginning.
 */
export async function usageQuery({
  accountId,
  from,
  to,
  groupBy,
}: UsageRequest): Promise<UsageRow[]> {
  const { rows } = await db.rawQuery(
    `select ${COLUMNS[groupBy]} as "group", sum(u.attempts) as attempts,
       coalesce(sum(u.attempts) filter (where u.status = 'succeeded'), 0) as succeeded,
       coalesce(sum(u.attempts) filter (where u.status = 'failed'), 0) as failed,
       sum(u.price_micro)::bigint as price_micro
     from usage_recorded u join accounts a on a.id = u.account_id
     where u.account_id = ? and u.created_at >= ? and u.created_at < ?
     group by 1 order by 1`,
    [accountId, from, to]
  )
  return rows.map((row: Record<string, any>) => ({
    group: row.group,
    attempts: Number(row.attempts),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    credits: Credits.fromMicro(row.price_micro),
  }))
}
