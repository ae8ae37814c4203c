import db from '@adonisjs/lucid/services/db'
import type { Position } from '#app/generations/queries/generations_query'

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'skipped'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export interface Delivery {
  accountId: string
  id: string
  /** `null` for the URL that a generation brought. */
  endpointId: string | null
  /** Where the last try went, or the next one goes. */
  url: string
  event: { id: string; type: string; seq: number; occurredAt: Date }
  generationId: string | null
  state: DeliveryState
  attempts: number
  lastAttempt: Attempt | null
  nextAt: Date | null
  createdAt: Date
  replayedAt: Date | null
  finishedAt: Date | null
}

export interface Attempt {
  n: number
  url: string
  status: number | null
  error: string | null
  /** The first bytes of what was answered. */
  response: string | null
  durationMs: number
  createdAt: Date
}

export interface DeliveryFilters {
  accountId: string
  endpoint?: string
  generation?: string
  states?: string[]
  types?: string[]
}

const COLUMNS = `d.account_id, d.id, d.endpoint_id, coalesce(d.url, e.url) as url, d.event_id, d.type,
  d.seq, d.occurred_at, d.generation_id, d.state, d.attempts, d.next_at, d.created_at, d.replayed_at,
  d.finished_at, to_jsonb(a) as last_attempt,
  to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') as exact_time`

const TABLES = `webhook_deliveries d
  left join webhook_endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id
  left join webhook_attempts a on a.account_id = d.account_id and a.delivery_id = d.id
    and a.n = d.attempts`

/** Newest first, a page of at most `limit`. */
export async function deliveriesQuery(
  filters: DeliveryFilters,
  page: { limit: number; after?: Position }
): Promise<{ deliveries: Delivery[]; next: Position | null }> {
  const where = ['d.account_id = ?']
  const bindings: unknown[] = [filters.accountId]
  const add = (text: string, ...values: unknown[]) => {
    where.push(text)
    bindings.push(...values)
  }
  if (filters.endpoint) add('d.endpoint_id = ?', filters.endpoint)
  if (filters.generation) add('d.generation_id = ?', filters.generation)
  if (filters.states?.length) add('d.state = any (?)', filters.states)
  if (filters.types?.length) add('d.type = any (?)', filters.types)
  if (page.after) {
    add('(d.created_at, d.id) < (?::timestamptz, ?)', page.after.createdAt, page.after.id)
  }
  const { rows } = await db.rawQuery(
    `select ${COLUMNS} from ${TABLES} where ${where.join(' and ')}
     order by d.created_at desc, d.id desc limit ?`,
    [...bindings, page.limit + 1]
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    deliveries: shown.map(deliveryOf),
    next: rows.length > page.limit ? { createdAt: last.exact_time, id: last.id } : null,
  }
}

export interface DeliveryStory extends Delivery {
  /** As it was sent first and is sent again; `null` before the first try, or once forgotten. */
  body: string | null
  tries: Attempt[]
}

/** One delivery with all its tries, or `null`. Somebody else's is `null` as well. */
export async function deliveryQuery(accountId: string, id: string): Promise<DeliveryStory | null> {
  const { rows } = await db.rawQuery(
    `select ${COLUMNS}, d.body from ${TABLES} where d.account_id = ? and d.id = ?`,
    [accountId, id]
  )
  if (!rows[0]) return null
  const tries = await db
    .from('webhook_attempts')
    .where({ account_id: accountId, delivery_id: id })
    .orderBy('n', 'desc')
    .limit(MOST_TRIES)
  return { ...deliveryOf(rows[0]), body: rows[0].body, tries: tries.map(attemptOf) }
}

/** Of a delivery that is replayed over and over the oldest tries are not shown. */
const MOST_TRIES = 200

function deliveryOf(row: Record<string, any>): Delivery {
  return {
    accountId: row.account_id,
    id: row.id,
    endpointId: row.endpoint_id,
    url: row.url,
    event: {
      id: row.event_id,
      type: row.type,
      seq: Number(row.seq),
      occurredAt: row.occurred_at,
    },
    generationId: row.generation_id,
    state: row.state,
    attempts: row.attempts,
    lastAttempt: row.last_attempt && attemptOf(row.last_attempt),
    nextAt: row.next_at,
    createdAt: row.created_at,
    replayedAt: row.replayed_at,
    finishedAt: row.finished_at,
  }
}

function attemptOf(row: Record<string, any>): Attempt {
  return {
    n: row.n,
    url: row.url,
    status: row.status,
    error: row.error,
    response: row.response,
    durationMs: row.duration_ms,
    createdAt: new Date(row.created_at),
  }
}
