import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

export const BATCH_STATES = ['running', 'paused', 'completed', 'canceled', 'expired'] as const
export type BatchState = (typeof BATCH_STATES)[number]

/** What a batch waits for. */
export interface Waiting {
  code: string
  message: string
  /** The refusal that says it with its numbers, where there was one. */
  refusal: string | null
}

/** How the items of a batch stand. */
export interface Tally {
  /** By status, of those that there are. */
  items: Record<string, number>
  /** Generations that failed, by class of error. */
  failed: Record<string, number>
  /** Items that were never started, by why. */
  skipped: Record<string, number>
  /** Outputs. */
  delivered: number
  held: Credits
  charged: Credits
  /** Held once, and given back. */
  returned: Credits
}

export interface BatchView {
  accountId: string
  id: string
  state: BatchState
  /** How it will end, once it was told to end before all is done. */
  endsAs: 'canceled' | 'expired' | null
  endsBecause: string | null
  size: number
  estimate: Credits
  budget: Credits | null
  deadline: Date
  webhookUrl: string | null
  metadata: Record<string, string>
  waiting: Waiting | null
  lookAt: Date | null
  createdAt: Date
  finishedAt: Date | null
  tally: Tally
}

/** One batch of an organisation, or `null`. Somebody else's is `null` as well. */
export async function batchQuery(accountId: string, id: string): Promise<BatchView | null> {
  const [view = null] = await viewed('account_id = ? and id = ?', [accountId, id], 1)
  return view
}

/** One batch of whichever organisation, for operators. */
export async function anyBatchQuery(id: string): Promise<BatchView | null> {
  const [view = null] = await viewed('id = ?', [id], 1)
  return view
}

/** Newest first, of one account or of all. `before` is the id that the page before ended with. */
export async function batchesQuery(wanted: {
  accountId?: string
  state?: BatchState
  limit: number
  before?: string
}): Promise<{ batches: BatchView[]; next: string | null }> {
  const { accountId = null, state = null, before = null, limit } = wanted
  const found = await viewed(
    `(?::text is null or account_id = ?) and (?::text is null or state = ?)
     and (?::text is null or id < ?)`,
    [accountId, accountId, state, state, before, before],
    limit + 1
  )
  const batches = found.slice(0, limit)
  return { batches, next: found.length > limit ? batches.at(-1)!.id : null }
}

/** How many batches of an account have not ended. */
export async function openBatchesQuery(accountId: string): Promise<number> {
  const { rows } = await db.rawQuery(
    `select count(*)::integer as open from batches
     where account_id = ? and state in ('running', 'paused')`,
    [accountId]
  )
  return rows[0].open
}

/** What an idempotency key was used for, or `null`. */
export async function earlierBatchQuery(
  accountId: string,
  key: string
): Promise<{ id: string; requestHash: string } | null> {
  const { rows } = await db.rawQuery(
    'select id, request_hash from batches where account_id = ? and idempotency_key = ?',
    [accountId, key]
  )
  return rows[0] ? { id: rows[0].id, requestHash: rows[0].request_hash } : null
}

async function viewed(where: string, bindings: unknown[], limit: number): Promise<BatchView[]> {
  const { rows } = await db.rawQuery(
    `select * from batches where ${where} order by id desc limit ?`,
    [...bindings, limit]
  )
  const tallies = await talliesQuery(rows)
  return rows.map((row: any) => ({
    accountId: row.account_id,
    id: row.id,
    state: row.state,
    endsAs: row.ends_as,
    endsBecause: row.ends_because,
    size: row.size,
    estimate: Credits.fromMicro(row.estimate_micro),
    budget: row.budget_micro === null ? null : Credits.fromMicro(row.budget_micro),
    deadline: row.deadline,
    webhookUrl: row.webhook_url,
    metadata: row.metadata,
    waiting: row.waiting,
    lookAt: row.look_at,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    tally: tallyOf(tallies.filter(({ batch_id: id }) => id === row.id)),
  }))
}

/** Of an item, as the API words it. */
export const ITEM_STATUS = `case when g.id is not null then coalesce(g.outcome::text, j.state::text)
  when i.skipped is not null then 'skipped' else 'waiting' end`

export const ITEM_TABLES = `batch_items i
  left join generations g on g.account_id = i.account_id and g.id = i.generation_id
  left join jobs j on j.account_id = g.account_id and j.id = g.job_id
  left join holds h on h.account_id = g.account_id and h.id = g.job_id`

interface TallyRow {
  batch_id: string
  status: string
  why: string | null
  items: number
  delivered: number
  held: string
  charged: string
  returned: string
}

/** Of a page of batches, in one look. */
async function talliesQuery(batches: { account_id: string; id: string }[]): Promise<TallyRow[]> {
  if (batches.length === 0) return []
  const { rows } = await db.rawQuery(
    `select i.batch_id, ${ITEM_STATUS} as status,
       case when g.outcome = 'failed' then j.error->>'class'
         when g.id is null then i.skipped->>'code' end as why,
       count(*)::integer as items, coalesce(sum(g.delivered), 0)::integer as delivered,
       coalesce(sum(h.amount_micro) filter (where h.state = 'held'), 0)::text as held,
       coalesce(sum(h.cost_micro) filter (where h.state <> 'held'), 0)::text as charged,
       coalesce(sum(h.amount_micro - coalesce(h.cost_micro, 0)) filter (where h.state <> 'held'), 0)::text
         as returned
     from unnest(?::text[], ?::text[]) b (account_id, id)
     join (${ITEM_TABLES}) on i.account_id = b.account_id and i.batch_id = b.id
     group by 1, 2, 3`,
    [batches.map(({ account_id: id }) => id), batches.map(({ id }) => id)]
  )
  return rows
}

function tallyOf(rows: TallyRow[]): Tally {
  const counted = (status?: string) => {
    const counts: Record<string, number> = {}
    for (const row of rows) {
      if (status && row.status !== status) continue
      const name = status ? (row.why ?? 'unknown') : row.status
      counts[name] = (counts[name] ?? 0) + row.items
    }
    return counts
  }
  const credits = (column: 'held' | 'charged' | 'returned') =>
    Credits.fromMicro(rows.reduce((sum, row) => sum + BigInt(row[column]), 0n))
  return {
    items: counted(),
    failed: counted('failed'),
    skipped: counted('skipped'),
    delivered: rows.reduce((sum, { delivered }) => sum + delivered, 0),
    held: credits('held'),
    charged: credits('charged'),
    returned: credits('returned'),
  }
}
