import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { AttemptUsage } from '#core/queue/job_queue'
import type { FinishRequest, StartRequest, StartResult } from '#core/queue/metered_jobs'
import type { ClaimedJob, JobRef, Lease } from '#core/queue/types'
import type { World } from './world.js'

export const credits = (decimal: string) => Credits.parse(decimal)

type StartOptions = Partial<Omit<StartRequest, 'hold'>> & { hold?: string }

/** A generation that asks for one credit and has ten minutes. */
export function startRequest(
  accountId: string,
  { hold = '1', ...options }: StartOptions = {}
): StartRequest {
  return {
    accountId,
    generationId: newId('gen'),
    jobId: newId('job'),
    actor: 'system:test',
    keyId: null,
    userId: null,
    endUser: null,
    model: 'acme/painter',
    provider: 'acme',
    kind: 'image',
    input: { prompt: 'a lighthouse' },
    requested: 1,
    hold: credits(hold),
    pricePins: { price: '1' },
    measures: { images: 1n },
    limits: [],
    idempotency: null,
    metadata: {},
    webhookUrl: null,
    deadline: new Date(Date.now() + 600_000),
    maxAttempts: 3,
    traceparent: null,
    ...options,
  }
}

/** Starts a generation that must be accepted. */
export async function started(
  world: World,
  accountId: string,
  options?: StartOptions
): Promise<JobRef & { generationId: string }> {
  const result = await world.metered.start(startRequest(accountId, options))
  if (result.outcome !== 'started') throw new Error(`not started: ${outcomeOf(result)}`)
  return { accountId, jobId: result.jobId, generationId: result.generationId }
}

/** What an account has and holds, as decimals. */
export async function balanceOf(
  { ledger }: Pick<World, 'ledger'>,
  accountId: string
): Promise<{ available: string; held: string }> {
  const { available, held } = await ledger.balance(accountId)
  return { available: available.toString(), held: held.toString() }
}

export async function claim(
  world: Pick<World, 'queue'>,
  limit = 1,
  worker = 'worker'
): Promise<ClaimedJob[]> {
  return world.queue.claim({ worker, kinds: ['generation'], limit, leaseMs: 30_000 })
}

/** Starts a generation and takes it as a worker does. The world has no other job. */
export async function running(
  world: World,
  accountId: string,
  options?: StartOptions
): Promise<ClaimedJob> {
  const { jobId } = await started(world, accountId, options)
  const jobs = await claim(world, 100)
  const job = jobs.find(({ id }) => id === jobId)
  if (!job) throw new Error(`job ${jobId} was not handed out`)
  return job
}

export function leaseOf({ accountId, id, token }: ClaimedJob): Lease {
  return { accountId, jobId: id, token }
}

export const usage: AttemptUsage = {
  provider: 'acme',
  model: 'acme/painter',
  kind: 'image',
  status: 'succeeded',
  units: { outputs: 1 },
  vendorCostMicroUsd: 40_000n,
  durationMs: 1234,
}

/** A success that cost `cost` credits; a failure with `state: 'failed'`. */
export function finishRequest(
  job: ClaimedJob,
  { cost, ...options }: Partial<Omit<FinishRequest, 'cost'>> & { cost: string }
): FinishRequest {
  const state = options.state ?? 'succeeded'
  return {
    lease: leaseOf(job),
    state,
    cost: credits(cost),
    delivered: state === 'succeeded' ? 1 : 0,
    outputs: [],
    usage: { ...usage, status: state },
    ...options,
  }
}

/** `started`, `exists` … or the type of the refusal. */
export function outcomeOf(result: StartResult): string {
  return result.outcome === 'refused' ? result.refusal.type : result.outcome
}

export function countOf<Value>(values: Value[], wanted: Value): number {
  return values.filter((value) => value === wanted).length
}
