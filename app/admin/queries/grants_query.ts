import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import type { GrantKind, GrantRestriction } from '#core/ledger/types'

export interface GrantRow {
  id: string
  kind: GrantKind
  amount: Credits
  remaining: Credits
  held: Credits
  priority: number
  /** Models and kinds it may pay for, in words; `null` for anything. */
  only: string | null
  expiresAt: Date | null
  expired: boolean
  createdAt: Date
}

/** The newest grants of an organisation. */
export async function grantsQuery(
  accountId: string,
  { limit, now }: { limit: number; now: Date }
): Promise<GrantRow[]> {
  const rows = await db
    .from('grants')
    .where('account_id', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    amount: Credits.fromMicro(row.amount_micro),
    remaining: Credits.fromMicro(row.remaining_micro),
    held: Credits.fromMicro(row.held_micro),
    priority: row.priority,
    only: row.restricted_to && namesOf(row.restricted_to),
    expiresAt: row.expires_at,
    expired: row.expires_at !== null && row.expires_at <= now,
    createdAt: row.created_at,
  }))
}

function namesOf({ models = [], kinds = [] }: GrantRestriction): string {
  return [...models, ...kinds].join(', ')
}
