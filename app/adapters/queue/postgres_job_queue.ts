import { newId } from '#core/ids'
import { JobPayloadTooLarge } from '#core/queue/errors'
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
import type {
  AddedJob,
  JobTransaction,
  NewJob,
  PlainCancelResult,
  PlainOutcome,
} from '#core/queue/plain_jobs'
import type { Bus } from '#adapters/bus/bus'
import { JointCall } from '#adapters/postgres/joint_call'
import { isUndone } from '#adapters/postgres/joint_verb'
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
  in_doubt: boolean
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
const POKE = 'job_pokes'

/** Jobs as rows: claimed with SKIP LOCKED, leased, fenced by a token. */
export class PostgresJobQueue extends JobQueue {
  readonly delivery: JobQueue['delivery'] = 'pull'
  readonly #ends: JointCall<Ending, boolean | Promise<boolean>>

  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus
  ) {
    super()
    this.#ends = new JointCall(
      (endings) => this.#finishEach(endings),
      ({ account }) => account
    )
  }

  async add(jobs: NewJob[], transaction?: JobTransaction): Promise<AddedJob[]> {
    if (jobs.length === 0) return []
    const given = json(jobs.map(newJobParameter))
    if (!transaction) return addedOf(await this.sql.rows('select * from job_add($1)', [given]))
    const { rows } = await transaction.rawQuery('select * from job_add(?)', [given])
    return addedOf(rows)
  }

  async claim(request: Parameters<JobQueue['claim']>[0]): Promise<ClaimedJob[]> {
    const rows = await this.sql.rows<JobRow>('select * from job_claim($1, $2, $3, $4, $5)', [
      request.worker,
      request.kinds,
      request.limit,
      request.leaseMs,
      request.limits ? json(request.limits) : null,
    ])
    return rows.map(claimedOf)
  }

  async claimOne(request: Parameters<JobQueue['claimOne']>[0]) {
    const { ref, worker, kinds, leaseMs, limits } = request
    const row = await this.sql.row<JobRow | undefined>(
      'select * from job_claim_one($1, $2, $3, $4, $5, $6)',
      [ref.accountId, ref.jobId, worker, kinds, leaseMs, limits ? json(limits) : null]
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

  keep(lease: Lease, handle: Record<string, unknown>) {
    return this.sql.verb<boolean>('job_keep', { ...leaseParameter(lease), handle })
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
      in_doubt: retry.inDoubt ?? false,
      usage: retry.usage ? usageParameter(retry.usage) : null,
    })
  }

  handBack(lease: Lease, { inDoubt = false } = {}) {
    return this.sql.verb<boolean>('job_hand_back', { ...leaseParameter(lease), in_doubt: inDoubt })
  }

  async finish(lease: Lease, outcome: PlainOutcome): Promise<boolean> {
    return this.#ends.call({
      ...leaseParameter(lease),
      state: outcome.state,
      error: outcome.state === 'failed' ? errorParameter(outcome.error) : null,
    })
  }

  /** Together; each alone where one of them took the others down. */
  async #finishEach(endings: Ending[]): Promise<(boolean | Promise<boolean>)[]> {
    try {
      return await this.sql.verb<boolean[]>('job_finish', endings)
    } catch (error) {
      if (endings.length === 1 || !isUndone(error)) throw error
      return endings.map(async (ending) => {
        const [ended] = await this.sql.verb<boolean[]>('job_finish', [ending])
        return ended
      })
    }
  }

  async cancel({ accountId, jobId }: JobRef, actor: string): Promise<PlainCancelResult> {
    const parameter = { account: accountId, job: jobId, actor }
    const result = await this.sql.verb<PlainCancelResult>('job_cancel', parameter)
    if (result.outcome === 'requested') this.bus.publish(CANCEL, `${accountId} ${jobId}`)
    return result
  }

  expire({ accountId, jobId }: JobRef): Promise<boolean> {
    return this.sql.verb('job_expire', { account: accountId, job: jobId })
  }

  redrive({ accountId, jobId }: JobRef, actor: string) {
    const parameter = { account: accountId, job: jobId, actor }
    return this.sql.verb<'queued' | 'duplicate' | 'missing'>('job_redrive', parameter)
  }

  replaced({ accountId, jobId }: JobRef, { jobId: by, actor }: { jobId: string; actor: string }) {
    return this.sql.verb<boolean>('job_replaced', { account: accountId, job: jobId, by, actor })
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
      metered: boolean
      reason: 'deadline' | 'canceled'
    }>('select * from job_overdue($1)', [limit])
    return rows.map(({ account_id: accountId, job_id: jobId, metered, reason }) => ({
      accountId,
      jobId,
      metered,
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

  async poke({ accountId, jobId }: JobRef) {
    this.bus.publish(POKE, `${accountId} ${jobId}`)
    await this.sql.rows('select job_poke($1)', [json({ account: accountId, job: jobId })])
    if (this.delivery === 'push') this.wake()
  }

  onPoke(listener: (ref: JobRef) => void) {
    return this.#onRef(POKE, listener)
  }

  onCancel(listener: (ref: JobRef) => void) {
    return this.#onRef(CANCEL, listener)
  }

  #onRef(topic: string, listener: (ref: JobRef) => void) {
    return this.bus.subscribe(topic, (word) => {
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
  inDoubt?: boolean
  usage?: AttemptUsage
}

/** The end of a plain job, as `job_finish` takes it. */
type Ending = ReturnType<typeof leaseParameter> & {
  state: PlainOutcome['state']
  error: ReturnType<typeof errorParameter> | null
}

const DAY_MS = 24 * 3_600_000
const PLENTY = 1_000

/** Less than the database takes, which writes JSON with spaces. */
const LARGEST_PAYLOAD = 8_000

function addedOf(rows: { id: string; added: boolean }[]): AddedJob[] {
  return rows.map(({ id, added }) => ({ jobId: id, added }))
}

function newJobParameter(job: NewJob) {
  if (Buffer.byteLength(JSON.stringify(job.payload)) > LARGEST_PAYLOAD) {
    throw new JobPayloadTooLarge(job.kind)
  }
  return {
    account: job.accountId,
    id: job.id ?? newId('job'),
    kind: job.kind,
    payload: job.payload,
    run_at: job.runAt,
    priority: job.priority,
    dedupe_key: job.dedupeKey,
    start_by: job.startBy,
    deadline: job.deadline ?? new Date((job.runAt?.getTime() ?? Date.now()) + DAY_MS),
    max_attempts: job.maxAttempts ?? PLENTY,
    traceparent: job.traceparent,
  }
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
    inDoubt: row.in_doubt,
    // Of an attempt that still has its handle; a later one began when it was claimed.
    attemptBeganAt: row.handle && row.attempt_began_at,
    createdAt: row.created_at,
    deadline: row.deadline,
    traceparent: row.traceparent,
  }
}
