import { JobQueue } from '#core/queue/job_queue'
import type { AttemptUsage } from '#core/queue/job_queue'
import {
  FINAL_STATES,
  type ClaimedJob,
  type JobError,
  type JobRef,
  type JobStanding,
  type JobState,
  type Lease,
} from '#core/queue/types'
import type { Bus } from '#adapters/bus/bus'
import { json, type Sql } from '#adapters/postgres/sql'
import { errorParameter, usageParameter } from './mapping.js'

interface JobRow {
  account_id: string
  id: string
  kind: string
  payload: Record<string, unknown>
  attempt: number
  max_attempts: number
  token: bigint
  handle: Record<string, unknown> | null
  attempt_began_at: Date | null
  cancel_requested_at: Date | null
  created_at: Date
  deadline: Date
  traceparent: string | null
}

interface StandingRow {
  state: JobState
  kind: string
  leased: boolean
  run_at: Date
  due: boolean
  barred: boolean
}

const WORK = 'work'
export const CANCEL = 'cancel'

/** Jobs as rows: claimed with SKIP LOCKED, leased, fenced by a token. */
export class PostgresJobQueue extends JobQueue {
  readonly delivery: JobQueue['delivery'] = 'pull'

  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus
  ) {
    super()
  }

  async claim(request: Parameters<JobQueue['claim']>[0]): Promise<ClaimedJob[]> {
    const rows = await this.sql.rows<JobRow>('select * from job_claim($1, $2, $3, $4)', [
      request.worker,
      request.kinds,
      request.limit,
      request.leaseMs,
    ])
    return rows.map(claimedOf)
  }

  async claimOne({ ref, worker, kinds, leaseMs }: Parameters<JobQueue['claimOne']>[0]) {
    const row = await this.sql.row<JobRow | undefined>(
      'select * from job_claim_one($1, $2, $3, $4, $5)',
      [ref.accountId, ref.jobId, worker, kinds, leaseMs]
    )
    if (!row) return this.standing(ref)
    const cancelRequested = row.cancel_requested_at !== null
    return { is: 'claimed' as const, job: claimedOf(row), cancelRequested }
  }

  async standing({ accountId, jobId }: JobRef): Promise<JobStanding> {
    const row = await this.sql.row<StandingRow | undefined>('select * from job_standing($1, $2)', [
      accountId,
      jobId,
    ])
    if (!row) return { is: 'missing' }
    const { state, kind, leased, run_at: dueAt, due: isDue, barred: isBarred } = row
    if ((FINAL_STATES as readonly JobState[]).includes(state)) return { is: 'ended', state }
    return leased ? { is: 'leased', kind } : { is: 'waiting', kind, dueAt, isDue, isBarred }
  }

  async heartbeat(leases: Lease[], leaseMs: number) {
    const rows = await this.sql.rows<{
      account_id: string
      job_id: string
      cancel_requested: boolean
    }>('select * from job_heartbeat($1, $2)', [json(leases.map(leaseParameter)), leaseMs])
    return rows.map((row) => ({
      accountId: row.account_id,
      jobId: row.job_id,
      cancelRequested: row.cancel_requested,
    }))
  }

  progress(lease: Lease, progress: number, data?: Record<string, unknown>) {
    return this.sql.verb<boolean>('job_progress', { ...leaseParameter(lease), progress, data })
  }

  handOff(lease: Lease, handle: Record<string, unknown>) {
    return this.sql.verb<boolean>('job_hand_off', { ...leaseParameter(lease), handle })
  }

  park(lease: Lease, { handle, runAt, beganAt }: Parameters<JobQueue['park']>[1]) {
    return this.sql.verb<boolean>('job_park', {
      ...leaseParameter(lease),
      handle,
      run_at: runAt,
      began_at: beganAt,
    })
  }

  retry(lease: Lease, retry: Retry) {
    return this.sql.verb<boolean>('job_retry', {
      ...leaseParameter(lease),
      run_at: retry.runAt,
      error: errorParameter(retry.error),
      free: retry.free ?? false,
      keep_handle: retry.keepHandle ?? false,
      usage: retry.usage ? usageParameter(retry.usage) : null,
    })
  }

  handBack(lease: Lease) {
    return this.sql.verb<boolean>('job_hand_back', leaseParameter(lease))
  }

  async requeueLost(limit: number): Promise<JobRef[]> {
    const rows = await this.sql.rows<{ account_id: string; job_id: string }>(
      'select * from job_requeue_lost($1)',
      [limit]
    )
    return rows.map((row) => ({ accountId: row.account_id, jobId: row.job_id }))
  }

  async overdue(limit: number) {
    const rows = await this.sql.rows<{
      account_id: string
      job_id: string
      reason: 'deadline' | 'canceled'
    }>('select * from job_overdue($1)', [limit])
    return rows.map(({ account_id: accountId, job_id: jobId, reason }) => ({
      accountId,
      jobId,
      reason,
    }))
  }

  trouble(): string | null {
    return null
  }

  async depth() {
    const row = await this.sql.row<{ queued: bigint; running: bigint; oldest: Date | null }>(
      `select count(*) filter (where state = 'queued') as queued,
         count(*) filter (where state = 'running') as running,
         min(run_at) filter (where state = 'queued' and run_at <= now()) as oldest
       from jobs where state in ('queued', 'running')`
    )
    return {
      queued: Number(row.queued),
      running: Number(row.running),
      oldestQueuedAt: row.oldest,
    }
  }

  onWork(listener: () => void) {
    return this.bus.subscribe(WORK, listener)
  }

  onCancel(listener: (ref: JobRef) => void) {
    return this.bus.subscribe(CANCEL, (word) => {
      const [accountId, jobId] = word.split(' ')
      listener({ accountId, jobId })
    })
  }

  wake() {
    this.bus.publish(WORK, '')
  }
}

type Retry = {
  runAt: Date
  error: JobError
  free?: boolean
  keepHandle?: boolean
  usage?: AttemptUsage
}

function leaseParameter({ accountId, jobId, token }: Lease) {
  return { account: accountId, job: jobId, token: token.toString() }
}

function claimedOf(row: JobRow): ClaimedJob {
  return {
    accountId: row.account_id,
    id: row.id,
    kind: row.kind,
    payload: row.payload,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    token: row.token,
    handle: row.handle,
    // Of an attempt that still has its handle; a later one began when it was claimed.
    attemptBeganAt: row.handle && row.attempt_began_at,
    createdAt: row.created_at,
    deadline: row.deadline,
    traceparent: row.traceparent,
  }
}
