import { Credits } from '#core/ledger/credits'
import type { Actor } from '#core/ledger/types'
import {
  MeteredJobs,
  type AttemptLoss,
  type CancelResult,
  type FallbackPayload,
  type FallBackRequest,
  type FallBackResult,
  type FinishRequest,
  type FinishResult,
  type LateResult,
  type OutputAsset,
  type Gate,
  type StartRequest,
  type StartResult,
} from '#core/queue/metered_jobs'
import type { JobRef, JobState } from '#core/queue/types'
import type { LimitRule } from '#core/quota/limit_rule'
import type { Bus } from '#adapters/bus/bus'
import { columnsOf } from '#adapters/postgres/columns'
import { JointVerb } from '#adapters/postgres/joint_verb'
import { json, type Sql } from '#adapters/postgres/sql'
import { Leases, type Short } from '#adapters/quota/leases'
import { isPlatforms, limitsParameter, ratesOf, refusalOf, remarkOf } from '#adapters/quota/mapping'
import { JointStarts, type Start } from './joint_starts.js'
import { errorParameter, usageParameter } from './mapping.js'
import { CANCEL } from './postgres_job_queue.js'

/** A hold outlives its job's deadline by this, so that no live job is without one. */
const HOLD_GRACE_MS = 60_000

type FinishAnswer =
  { outcome: 'finished' | 'resolved'; state: JobState; charged: string } | { outcome: 'stale' }

/** Hold and job in one call of `generation_start`, and their end in one of `generation_finish`; each for all of one moment. */
export class PostgresMeteredJobs extends MeteredJobs {
  readonly #starts: JointStarts
  readonly #leases: Leases
  readonly #ends: JointVerb<EndParameter, FinishAnswer>

  /** `moved` hears of each account whose credits a verb has moved. */
  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus,
    private readonly moved: (accountId: string) => void = () => {}
  ) {
    super()
    this.#starts = new JointStarts(sql)
    this.#leases = new Leases(sql)
    this.#ends = new JointVerb({
      accountOf: ({ account_id: accountId }) => accountId,
      async ask(ends, patient) {
        const text = 'select generation_finish($1, $2) as answers'
        const values = [json(columnsOf(ends)), patient]
        const { answers } = await sql.row<{ answers: FinishAnswer[] }>(text, values)
        return answers
      },
    })
  }

  async start(request: StartRequest): Promise<StartResult> {
    const start = startParameter(request)
    const { answer, observed } = await this.#leases.within(request.accountId, () =>
      this.#starts.call(start)
    )
    switch (answer.outcome) {
      case 'refused':
        // That a budget over all accounts is at its end is worth telling, though nothing moved.
        if (isPlatforms(answer.refusal)) this.moved(request.accountId)
        return {
          outcome: 'refused',
          refusal: refusalOf(answer.refusal),
          ...ratesOf(answer.rooms, { counted: 0n }),
        }
      case 'conflict':
        return { outcome: 'conflict', generationId: answer.generation }
      case 'exists':
        return { outcome: 'exists', generationId: answer.generation, jobId: answer.job }
      case 'started':
        this.moved(request.accountId)
        return {
          outcome: 'started',
          generationId: request.generationId,
          jobId: request.jobId,
          createdAt: answer.at,
          ...ratesOf(answer.rooms, { counted: 1n }),
          ...remarkOf(answer.remark, observed),
        }
    }
  }

  async finish(request: FinishRequest): Promise<FinishResult> {
    const answer = await this.#ends.call(endParameter(request))
    this.moved(request.lease.accountId)
    return finishResult(answer)
  }

  async late({ lease, attempt, cost, usage }: LateResult) {
    const recorded = await this.sql.verb<boolean>('generation_late', {
      account: lease.accountId,
      job: lease.jobId,
      token: lease.token,
      attempt,
      cost: cost.micro,
      usage: usageParameter(usage),
    })
    if (recorded) this.moved(lease.accountId)
    return recorded
  }

  async cancel({ accountId, jobId }: JobRef, actor: Actor) {
    const result = await this.sql.verb<CancelResult>('generation_cancel', {
      account: accountId,
      job: jobId,
      actor,
    })
    if (result.outcome === 'requested') this.bus.publish(CANCEL, `${accountId} ${jobId}`)
    return result
  }

  async fallBack(request: FallBackRequest): Promise<FallBackResult> {
    const { lease, idle = false, to, rest, skipped, limits, error, usage, loss } = request
    const parameter = {
      ...{ account: lease.accountId, job: lease.jobId, token: lease.token },
      ...{ idle, to, rest, skipped },
      limits: limitsParameter(limits),
      error: error && errorParameter(error),
      usage: usage && usageParameter(usage),
      loss: loss && lossParameter(loss),
    }
    const { answer } = await this.#leases.within(lease.accountId, () =>
      this.sql.verb<FallBackAnswer>('generation_fall_back', parameter)
    )
    if (answer.outcome !== 'refused') return answer
    return { outcome: 'refused', because: answer.refusal.type }
  }

  async waitingFor(providers: string[], limit: number) {
    const rows = await this.sql.rows<{
      account_id: string
      job_id: string
      token: bigint
      model: string
      payload: FallbackPayload
    }>('select * from job_fallbacks_waiting($1, $2)', [providers, limit])
    return rows.map(({ account_id: accountId, job_id: jobId, ...row }) => ({
      ...{ accountId, jobId },
      ...row,
    }))
  }

  async openGates(limit: number) {
    const rows = await this.sql.rows<{ account_id: string; gate: string }>(
      'select * from ledger_gates_open($1)',
      [limit]
    )
    return rows.map((row) => ({ accountId: row.account_id, gate: row.gate }))
  }

  async admit(
    { accountId, gate }: Gate,
    { limits, limit }: { limits: LimitRule[]; limit: number }
  ) {
    const jobs = await this.sql.verb<string[]>('generation_admit', {
      account: accountId,
      gate,
      n: limit,
      limits: limitsParameter(limits),
    })
    return jobs.map((jobId) => ({ accountId, jobId }))
  }

  async expire({ accountId, jobId }: JobRef, reason: 'deadline' | 'canceled') {
    const answer = await this.sql.verb<FinishAnswer>('generation_expire', {
      account: accountId,
      job: jobId,
      reason,
    })
    // What an attempt may have cost is a loss that somebody should know of.
    if (answer.outcome === 'finished') this.moved(accountId)
    return finishResult(answer)
  }
}

type FallBackAnswer =
  | Short
  | Exclude<FallBackResult, { outcome: 'refused' }>
  | { outcome: 'refused'; refusal: { type: 'limit_exceeded' | 'credits_restricted' } }

type EndParameter = ReturnType<typeof endParameter>

/** By the columns of the composite type `job_ends`. */
function endParameter(request: FinishRequest) {
  const { lease, usage, error, loss, outputs } = request
  return {
    account_id: lease.accountId,
    job_id: lease.jobId,
    token: lease.token,
    job_state: request.state,
    cost: request.cost.micro,
    delivered: request.delivered,
    measures: measured(request),
    error: error ? errorParameter(error) : null,
    usage: usageParameter(usage),
    loss: loss && lossParameter(loss),
    outputs: outputs.length > 0 ? { files: outputs.map(outputParameter) } : null,
  }
}

function outputParameter(output: OutputAsset) {
  return {
    id: output.id,
    sha256: output.sha256,
    content_type: output.contentType,
    bytes: output.bytes,
    width: output.width,
    height: output.height,
    duration_ms: output.durationMs,
  }
}

function lossParameter({ kind, credits, vendorCostMicroUsd, assumed }: AttemptLoss) {
  return { kind, price: credits.micro, vendor_cost: vendorCostMicroUsd, assumed }
}

/** What the work was, in the measures of limits. Less than asked for, where less came of it. */
function measured({ delivered, usage }: FinishRequest) {
  const { seconds = 0, tokens = 0 } = usage.units
  return { images: delivered, seconds: Math.ceil(seconds), tokens: Math.ceil(tokens) }
}

function finishResult(answer: FinishAnswer): FinishResult {
  if (answer.outcome === 'stale') return answer
  return { ...answer, charged: Credits.fromMicro(answer.charged) }
}

/** Written for plain JSON, without bigints: it is the hottest of all. */
function startParameter(request: StartRequest): Start {
  const { accountId, hold, provider, model, keyId, userId, endUser, batch, idempotency } = request
  return {
    account_id: accountId,
    generation_id: request.generationId,
    job_id: request.jobId,
    model,
    provider,
    kind: request.kind,
    input: request.input,
    metadata: request.metadata,
    requested: request.requested,
    webhook_url: request.webhookUrl,
    subject: {
      org: accountId,
      key: keyId,
      user: userId,
      end_user: endUser,
      provider,
      model,
      batch: batch?.id,
    },
    amount_micro: hold.micro.toString(),
    price_pins: request.pricePins,
    needs: needsOf(request),
    limits: limitsOf(request),
    idempotency_key: idempotency?.key ?? null,
    request_hash: idempotency?.requestHash ?? null,
    deadline: request.deadline,
    hold_expires_at: new Date(request.deadline.getTime() + HOLD_GRACE_MS),
    max_attempts: request.maxAttempts,
    traceparent: request.traceparent,
    payload: payloadOf(request),
    told: { model, held: hold.toString() },
  }
}

function payloadOf({ generationId: generation, model, fallbacks }: StartRequest) {
  if (!fallbacks) return { generation }
  return {
    generation,
    models: [model, ...fallbacks.map((one) => one.model)],
    fallbacks: fallbacks.map(({ measures, ...rest }) => ({ ...rest, measures: textsOf(measures) })),
  }
}

/** A batch's budget counts beside the rules that hold for everybody. */
function limitsOf({ limits, batch }: StartRequest): LimitRule[] {
  if (!batch?.budget) return limits
  const budget = batch.budget.micro
  return [
    ...limits,
    { scope: 'batch', measure: 'credits', window: 'total', limit: budget, onExceed: 'refuse' },
  ]
}

/** By measure, as decimal integers. */
function needsOf({ measures, hold }: StartRequest): Record<string, string> {
  const needs: Record<string, string> = {
    requests: '1',
    concurrency: '1',
    credits: hold.micro.toString(),
  }
  for (const [measure, amount] of Object.entries(measures)) needs[measure] = amount.toString()
  return needs
}

function textsOf(measures: Record<string, bigint>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [measure, amount] of Object.entries(measures)) texts[measure] = amount.toString()
  return texts
}
