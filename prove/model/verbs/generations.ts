import { Credits } from '#core/ledger/credits'
import type { AttemptUsage } from '#core/queue/job_queue'
import type { StartRequest as RealStart } from '#core/queue/metered_jobs'
import type { LimitRule } from '#core/quota/limit_rule'
import { isFinal, type Job } from '../oracle/facts.js'
import type { StartRequest } from '../oracle/jobs.js'
import type { Oracle } from '../oracle/oracle.js'
import type { Micros } from '../windows.js'
import { endText, startAnswerTexts, startText } from './texts.js'
import {
  accountOf,
  AMOUNTS,
  anyAccount,
  anyKey,
  dateOf,
  DAY,
  HOUR,
  MODELS,
  nameOf,
  SECOND,
  type Maker,
  type Verbs,
} from './verb.js'

export interface StartOperation {
  verb: 'start'
  account: string
  job: string
  hold: string
  key: string | null
  hash: string
  user: string | null
  model: string
  images: number
  lasts: Micros
}

export type GenerationOperation =
  | StartOperation
  | { verb: 'finish'; job: string; behind: number; state: Ending; cost: string; delivered: number }
  | { verb: 'admit'; account: string; gate: string; most: number }
  | { verb: 'cancel'; job: string }
  | { verb: 'expire'; job: string }

type Ending = 'succeeded' | 'failed' | 'canceled'

/** What holds where an account has no rule of its own. */
const DEFAULTS: LimitRule[] = [
  { scope: 'org', measure: 'requests', window: 'hour', limit: 300n, onExceed: 'refuse' },
]
/** The same, as the oracle hears it. */
const DEFAULTS_HEARD = DEFAULTS.map(({ limit: max, ...rule }) => ({ ...rule, max }))

export const GENERATION_VERBS: Verbs<GenerationOperation> = {
  start: {
    weight: 30,
    make(maker) {
      const { random } = maker
      const account = anyAccount(maker)
      if (!account) return null
      return {
        account: account.id,
        job: nameOf(maker, 'job', account),
        hold: String(
          random.chance(0.05) ? 0n : random.pick(AMOUNTS) * BigInt(random.between(1, 3))
        ),
        ...anyKey(maker, account),
        user: random.pick([null, 'usr_a', 'usr_b']),
        model: random.pick(MODELS),
        images: random.between(1, 4),
        lasts: random.pick([30 * SECOND, 600 * SECOND, 2 * HOUR, DAY]),
      }
    },
    async call({ keepers, oracle }, operation) {
      const deadline = dateOf(oracle.appNow + operation.lasts)
      return startText(await keepers.metered.start(startOf(operation, deadline)))
    },
    judge(oracle, operation, answer: string) {
      const request = startRequestOf(operation, oracle.appNow + operation.lasts)
      const said = oracle.jobs.start(request)
      const right = startAnswerTexts(said)
      const which = right.indexOf(answer)
      if (which > 0 && said.outcome === 'started') {
        oracle.jobs.of(operation.account, said.job).gate = said.anyGate[which]
      }
      return which >= 0 ? answer : right[0]
    },
  },

  finish: {
    weight: 16,
    make: (maker) =>
      withLease(maker, (job, account) => {
        const { random, oracle } = maker
        const { amount } = oracle.of(account).holds.get(job.id)!
        const state = random.pick([
          ...(['succeeded', 'succeeded', 'succeeded', 'failed', 'canceled'] as const),
        ])
        const costs = [amount, amount / 2n, amount / 3n + 1n, 1n, amount + 7n, 0n]
        const cost = state === 'succeeded' || random.chance(0.15) ? random.pick(costs) : 0n
        return { state, cost: String(cost), delivered: random.between(0, 4) }
      }),
    async call({ keepers, oracle }, { job, behind, state, cost, delivered }) {
      return endText(
        await keepers.metered.finish({
          lease: leaseOf(oracle, job, behind),
          state,
          cost: Credits.fromMicro(cost),
          delivered,
          outputs: [],
          usage: usageOf(state),
          error:
            state === 'failed' ? { class: 'provider_failed', message: 'It broke.' } : undefined,
        })
      )
    },
    judge: (oracle, { job, behind, state, cost, delivered }) =>
      endText(
        oracle.jobs.finish(tokenOf(oracle, job, behind), {
          state,
          cost: BigInt(cost),
          measures: { images: BigInt(delivered) },
        })
      ),
  },

  admit: {
    weight: 6,
    make({ random, oracle }) {
      const waiting = oracle.jobs.all().filter((job) => job.gate !== null && !isFinal(job))
      if (waiting.length === 0) return null
      const { id, gate } = random.pick(waiting)
      return { account: accountOf(id), gate: gate!, most: random.between(1, 3) }
    },
    async call({ keepers }, { account, gate, most }) {
      const at = { accountId: account, gate }
      const jobs = await keepers.metered.admit(at, { limits: DEFAULTS, limit: most })
      return jobs.map(({ jobId }) => jobId)
    },
    judge: (oracle, { account, gate, most }) =>
      oracle.jobs.admit(account, gate, { limits: DEFAULTS_HEARD, most }),
  },

  cancel: {
    weight: 7,
    make: (maker) => withJob(maker),
    async call({ keepers }, { job }) {
      const ref = { accountId: accountOf(job), jobId: job }
      const result = await keepers.metered.cancel(ref, 'user:usr_a')
      return 'state' in result ? `${result.outcome} ${result.state}` : result.outcome
    },
    judge(oracle, { job }) {
      const result = oracle.jobs.cancel(accountOf(job), job)
      return 'state' in result ? `${result.outcome} ${result.state}` : result.outcome
    },
  },

  expire: {
    weight: 4,
    make: (maker) => withJob(maker),
    call: async ({ keepers }, { job }) =>
      endText(await keepers.metered.expire({ accountId: accountOf(job), jobId: job }, 'deadline')),
    judge: (oracle, { job }) => endText(oracle.jobs.expire(accountOf(job), job)),
  },
}

export function startOf(operation: StartOperation, deadline: Date): RealStart {
  return {
    accountId: operation.account,
    generationId: operation.job.replace('job_', 'gen_'),
    jobId: operation.job,
    actor: 'system:prove',
    keyId: null,
    userId: operation.user,
    endUser: null,
    model: operation.model,
    provider: 'acme',
    kind: 'image',
    input: { prompt: 'a lighthouse' },
    requested: operation.images,
    hold: Credits.fromMicro(operation.hold),
    pricePins: { price: '1' },
    measures: { images: BigInt(operation.images) },
    limits: DEFAULTS,
    idempotency:
      operation.key === null ? null : { key: operation.key, requestHash: operation.hash },
    metadata: {},
    webhookUrl: null,
    deadline,
    maxAttempts: 3,
    traceparent: null,
  }
}

/** The same, as the oracle hears it. */
export function startRequestOf(operation: StartOperation, deadline: Micros): StartRequest {
  const { account, user, model } = operation
  const amount = BigInt(operation.hold)
  return {
    account,
    job: operation.job,
    amount,
    model,
    kind: 'image',
    key: operation.key,
    hash: operation.hash,
    deadline,
    subject: { org: account, user, provider: 'acme', model },
    needs: { requests: 1n, concurrency: 1n, credits: amount, images: BigInt(operation.images) },
    limits: DEFAULTS_HEARD,
  }
}

export function usageOf(status: Ending): AttemptUsage {
  return {
    provider: 'acme',
    model: 'acme/painter',
    kind: 'image',
    status,
    units: { outputs: 1 },
    vendorCostMicroUsd: 40_000n,
    durationMs: 1234,
  }
}

export function tokenOf(oracle: Oracle, job: string, behind: number) {
  const account = accountOf(job)
  return { account, id: job, token: oracle.jobs.of(account, job).token - behind }
}

export function leaseOf(oracle: Oracle, job: string, behind: number) {
  const { account, id, token } = tokenOf(oracle, job, behind)
  return { accountId: account, jobId: id, token: BigInt(token) }
}

/** A job, one that is open more often than not, and often one that was asked to stop. */
function withJob({ random, oracle }: Maker): { job: string } | null {
  const jobs = oracle.jobs.all()
  const open = jobs.filter((job) => !isFinal(job))
  const stopping = open.filter(({ cancelRequested }) => cancelRequested)
  const [from] = [random.chance(0.4) ? stopping : [], random.chance(0.8) ? open : [], jobs].filter(
    ({ length }) => length > 0
  )
  return from ? { job: random.pick(from).id } : null
}

/** The token of a job, mostly one that owns it. */
export function withLease<More extends object>(
  maker: Maker,
  more: (job: Job, account: string) => More
) {
  const { random, oracle } = maker
  const all = oracle.jobs.all()
  const running = all.filter(({ state }) => state === 'running')
  const stopping = running.filter(({ cancelRequested }) => cancelRequested)
  const [jobs = []] = [
    random.chance(0.3) ? stopping : [],
    random.chance(0.85) ? running : [],
    all,
  ].filter(({ length }) => length > 0)
  if (jobs.length === 0) return null
  const job = random.pick(jobs)
  const behind = random.chance(0.15) ? 1 : 0
  return { job: job.id, behind, ...more(job, accountOf(job.id)) }
}
