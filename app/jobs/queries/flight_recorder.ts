import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { attemptsQuery, type Attempt } from '#app/generations/queries/attempts_query'
import { Ledger } from '#core/ledger/ledger'
import type { Entry, Hold, Loss } from '#core/ledger/types'
import type { JobError } from '#core/queue/types'

/** A line of a job's story. */
export interface FlightEvent {
  seq: number
  type: string
  data: Record<string, unknown>
  at: Date
}

export interface FlightJob {
  accountId: string
  id: string
  kind: string
  provider: string
  state: string
  attempt: number
  maxAttempts: number
  worker: string | null
  leaseUntil: Date | null
  runAt: Date
  deadline: Date
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  error: Partial<JobError> | null
  /** The job that was made when this one was driven again. */
  redrivenAs: string | null
  /** Of the call that asked for it, through the worker to the provider. */
  traceId: string | null
}

/** All that is known of a job: never its input, which may be private. */
export interface Flight {
  job: FlightJob
  generation: { id: string; model: string; delivered: number | null; requested: number } | null
  events: FlightEvent[]
  attempts: Attempt[]
  hold: Hold | null
  entries: Entry[]
  losses: Loss[]
}

/** More than any job of a sane plugin tells, and than attempts can lose. */
const MOST_EVENTS = 1_000
const MOST_LOSSES = 100

/** Tells the whole story of any job from what is kept of it. */
@inject()
export class FlightRecorder {
  constructor(private readonly ledger: Ledger) {}

  /** By the id of a job or of its generation; quicker for other jobs where it is known whose it is. */
  async handle(id: string, accountId?: string): Promise<Flight | null> {
    const job = await jobOf(id, accountId)
    if (!job) return null
    const { accountId: owner, id: jobId } = job
    const [generation, events, attempts, hold, entries, losses] = await Promise.all([
      generationOf(owner, jobId),
      eventsOf(owner, jobId),
      attemptsQuery(owner, jobId),
      this.ledger.hold(owner, jobId),
      this.ledger.entriesOfHold(owner, jobId),
      this.ledger.losses(owner, { jobId, limit: MOST_LOSSES }),
    ])
    return { job, generation, events, attempts, hold, entries, losses: losses.reverse() }
  }
}

async function jobOf(id: string, accountId?: string): Promise<FlightJob | null> {
  const address = accountId ? { account_id: accountId, id } : await addressOf(id)
  const row = address && (await db.from('jobs').where(address).first())
  if (!row) return null
  return {
    accountId: row.account_id,
    id: row.id,
    kind: row.kind,
    provider: row.provider,
    state: row.state,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    worker: row.leased_by,
    leaseUntil: row.lease_until,
    runAt: row.run_at,
    deadline: row.deadline,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
    redrivenAs: row.redriven_as,
    traceId: row.traceparent?.split('-')[1] ?? null,
  }
}

/** Generations are found by their ids alone; other jobs by reading all there are. */
async function addressOf(id: string): Promise<{ account_id: string; id: string } | null> {
  const generation = await db
    .from('generations')
    .select({ account_id: 'account_id', id: 'job_id' })
    .where('id', id.replace(/^job_/, 'gen_'))
    .first()
  return generation ?? db.from('jobs').select('account_id', 'id').where('id', id).first()
}

async function generationOf(accountId: string, jobId: string): Promise<Flight['generation']> {
  const row = await db
    .from('generations')
    .select('id', 'model', 'delivered', 'requested')
    .where({ account_id: accountId, job_id: jobId })
    .first()
  return row ?? null
}

async function eventsOf(accountId: string, jobId: string): Promise<FlightEvent[]> {
  return db
    .from('job_events')
    .select({ seq: 'seq', type: 'type', data: 'data', at: 'created_at' })
    .where({ account_id: accountId, job_id: jobId })
    .orderBy('seq')
    .limit(MOST_EVENTS)
}
