import db from '@adonisjs/lucid/services/db'
import type { AccountMode } from '#core/ledger/account_mode'
import {
  GENERATION_COLUMNS,
  GENERATION_TABLES,
  viewOf,
  type GenerationView,
} from './generation_query.js'

export interface GenerationFilters {
  /** Without it, of every organisation: for operators only. */
  accountId?: string
  /** Of live accounts or of test accounts only, where no account is named. */
  mode?: AccountMode
  status?: string[]
  model?: string[]
  provider?: string[]
  key?: string[]
  member?: string[]
  endUser?: string[]
  metadata?: Record<string, string>
  createdFrom?: Date
  createdBefore?: Date
}

/** Where a page ended: the next one begins below it. */
export interface Position {
  createdAt: string
  id: string
}

/**
 * Newest first, a page of at most `limit`. Keyset over (created_at, id), so that page
 * 1,000 costs what the first does.
 */
export async function generationsQuery(
  filters: GenerationFilters,
  page: { limit: number; after?: Position }
): Promise<{ generations: GenerationView[]; next: Position | null }> {
  const { where, bindings } = conditions(filters, page.after)
  const { rows } = await db.rawQuery(
    `select ${GENERATION_COLUMNS}, to_char(g.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') as exact_time
     from ${GENERATION_TABLES} where ${where}
     order by g.created_at desc, g.id desc limit ?`,
    [...bindings, page.limit + 1]
  )
  const more = rows.length > page.limit
  const shown = more ? rows.slice(0, page.limit) : rows
  const last = shown.at(-1)
  return {
    generations: shown.map(viewOf),
    next: more ? { createdAt: last.exact_time, id: last.id } : null,
  }
}

function conditions(filters: GenerationFilters, after?: Position) {
  const where = ['g.deleted_at is null']
  const bindings: unknown[] = []
  const add = (text: string, ...values: unknown[]) => {
    where.push(text)
    bindings.push(...values)
  }
  const among = (column: string, values?: string[]) => {
    if (values?.length) add(`${column} = any (?)`, values)
  }

  if (filters.accountId) add('g.account_id = ?', filters.accountId)
  else if (filters.mode === 'test') add(`g.account_id like 'tst\\_%'`)
  else if (filters.mode === 'live') add(`g.account_id not like 'tst\\_%'`)
  among('coalesce(g.outcome, j.state)', filters.status)
  among('g.model', filters.model)
  among('g.provider', filters.provider)
  among('g.key_id', filters.key)
  among('g.user_id', filters.member)
  among('g.end_user', filters.endUser)
  if (filters.metadata) add('g.metadata @> ?::jsonb', JSON.stringify(filters.metadata))
  if (filters.createdFrom) add('g.created_at >= ?', filters.createdFrom)
  if (filters.createdBefore) add('g.created_at < ?', filters.createdBefore)
  if (after) add('(g.created_at, g.id) < (?::timestamptz, ?)', after.createdAt, after.id)
  return { where: where.join(' and '), bindings }
}
