import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import { waitingAt, type Waiting } from '#core/quota/waiting'
import type { JobState } from '#core/queue/types'

export interface GenerationOutput {
  assetId: string
  sha256: string
  contentType: string
  bytes: number
  width: number | null
  height: number | null
  durationMs: number | null
}

export interface GenerationView {
  accountId: string
  id: string
  jobId: string
  /** The batch it was asked for in, if any. */
  batchId: string | null
  /** The one that delivered, works on it or is to. */
  model: string
  /** All that may be asked, in order, where its caller named several. */
  models: string[] | null
  provider: string
  kind: string
  status: JobState
  /** `null` once it was deleted. */
  input: Record<string, unknown> | null
  metadata: Record<string, string>
  endUser: string | null
  requested: number
  delivered: number | null
  progress: number
  attempt: number
  error: { class: string; message: string; provider_code?: string } | null
  hold: Credits
  /** `null` while the hold is open. */
  charged: Credits | null
  cancelRequested: boolean
  /** The limit it waits for, where one is full. */
  waiting: Waiting | null
  outputs: GenerationOutput[]
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  deadline: Date
  deletedAt: Date | null
}

/** The columns of a generation with its job, hold and outputs, for one or for a page of them. */
export const GENERATION_COLUMNS = `
  g.account_id, g.id, g.job_id, g.batch_id, g.model, g.provider, g.kind, coalesce(g.outcome, j.state) as status,
  g.input, g.metadata, g.end_user, g.requested, g.delivered, g.created_at, g.finished_at, g.deleted_at,
  j.payload->'models' as models, j.progress, j.attempt, j.error, j.started_at, j.deadline, j.cancel_requested_at is not null as canceling,
  case j.state when 'queued' then j.gate end as gate, j.gate_until,
  h.amount_micro, case h.state when 'held' then null else coalesce(h.cost_micro, 0) end as charged_micro,
  (select jsonb_agg(jsonb_build_object('assetId', a.id, 'sha256', a.sha256, 'contentType', a.content_type,
      'bytes', a.bytes, 'width', a.width, 'height', a.height, 'durationMs', a.duration_ms) order by o.position)
    from generation_outputs o join assets a on a.account_id = o.account_id and a.id = o.asset_id
    where o.account_id = g.account_id and o.generation_id = g.id and a.deleted_at is null) as outputs`

export const GENERATION_TABLES = `generations g
  join jobs j on j.account_id = g.account_id and j.id = g.job_id
  left join holds h on h.account_id = g.account_id and h.id = g.job_id`

export interface GenerationRow {
  account_id: string
  id: string
  job_id: string
  batch_id: string | null
  model: string
  models: string[] | null
  provider: string
  kind: string
  status: JobState
  input: Record<string, unknown> | null
  metadata: Record<string, string>
  end_user: string | null
  requested: number
  delivered: number | null
  created_at: Date
  finished_at: Date | null
  deleted_at: Date | null
  progress: number
  attempt: number
  error: GenerationView['error']
  started_at: Date | null
  deadline: Date
  canceling: boolean
  gate: string | null
  gate_until: Date | null
  amount_micro: bigint | null
  charged_micro: bigint | null
  outputs: GenerationOutput[] | null
}

/** One generation of an organisation, or `null`. Somebody else's is `null` as well. */
export async function generationQuery(
  accountId: string,
  id: string
): Promise<GenerationView | null> {
  const { rows } = await db.rawQuery(
    `select ${GENERATION_COLUMNS} from ${GENERATION_TABLES} where g.account_id = ? and g.id = ?`,
    [accountId, id]
  )
  return rows[0] ? viewOf(rows[0]) : null
}

export function viewOf(row: GenerationRow): GenerationView {
  return {
    accountId: row.account_id,
    id: row.id,
    jobId: row.job_id,
    batchId: row.batch_id,
    model: row.model,
    models: row.models,
    provider: row.provider,
    kind: row.kind,
    status: row.status,
    input: row.input,
    metadata: row.metadata,
    endUser: row.end_user,
    requested: row.requested,
    delivered: row.delivered,
    progress: row.progress,
    attempt: row.attempt,
    // A retry that worked out in the end is history, not an error.
    error: row.status === 'succeeded' ? null : row.error,
    hold: Credits.fromMicro(row.amount_micro ?? 0n),
    charged: row.charged_micro === null ? null : Credits.fromMicro(row.charged_micro),
    cancelRequested: row.canceling,
    waiting: row.gate === null ? null : waitingAt(row.gate, row.gate_until),
    outputs: row.outputs ?? [],
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    deadline: row.deadline,
    deletedAt: row.deleted_at,
  }
}
