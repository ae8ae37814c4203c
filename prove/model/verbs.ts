import { Credits } from '#core/ledger/credits'
import { AccountClosedFault, ExpiryPastFault } from '#core/ledger/errors'
import type { GrantRequest } from '#core/ledger/types'
import type { AttemptUsage } from '#core/queue/job_queue'
import type { StartRequest, StartResult } from '#core/queue/metered_jobs'
import type { LimitMeasure, LimitScope, LimitWindow } from '#core/quota/limit_rule'
import type { JobState } from '#core/queue/types'
import { setClock } from '../harness/clock.js'
import type { Keepers } from '../harness/keepers.js'
import type { Random } from './random.js'
import {
  isFinal,
  type CounterState,
  type EndAnswer,
  type HoldRequest,
  type Job,
  type Oracle,
  type StartAnswer,
} from './oracle.js'
import type { Micros } from './windows.js'

/**
 * Every verb that the streams use: how to make up a call of it, how to make the call, and what the
 * oracle says to it. A verb more is an entry more, and a line in `Operation`.
 *
 * Operations are plain data that means something without the ones before: jobs and grants have
 * names, times count from now. One whose job does not exist is passed over.
 */
export type Operation =
  | { verb: 'open'; account: string; zone: string }
  | {
      verb: 'grant'
      account: string
      ref: string
      amount: string
      priority: number
      lasts: Micros | null
    }
  | { verb: 'restrict'; account: string; ref: string; models: string[] }
  | RuleOperation
  | StartOperation
  | { verb: 'claim'; limit: number; lease: Micros }
  | { verb: 'heartbeat'; job: string; behind: number; lease: Micros }
  | { verb: 'hand_off'; job: string; behind: number }
  | { verb: 'hand_back'; job: string; behind: number }
  | { verb: 'retry'; job: string; behind: number; after: Micros; free: boolean; keep: boolean }
  | { verb: 'finish'; job: string; behind: number; state: Ending; cost: string; delivered: number }
  | { verb: 'cancel'; job: string }
  | { verb: 'expire'; job: string }
  | { verb: 'requeue' }
  | { verb: 'sweep' }
  | { verb: 'expire_grants'; account: string }
  | { verb: 'wait'; lasts: Micros }
  | { verb: 'zone'; account: string; zone: string }
  | { verb: 'close'; account: string }

type Ending = 'succeeded' | 'failed' | 'canceled'
type RuleOperation = {
  verb: 'rule'
  account: string
  scope: LimitScope
  id: string
  measure: LimitMeasure
  window: LimitWindow
  max: string
}
type StartOperation = {
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

/** The state of a stream: what is judged, and who judges. */
export interface Subject {
  keepers: Keepers
  oracle: Oracle
}

interface Maker {
  random: Random
  oracle: Oracle
  /** A name that was not used before: `kind_7`. */
  name(kind: string): string
}

interface Verb<Op extends Operation> {
  weight: number
  /** `null` where there is nothing to do it to. */
  make(maker: Maker): Omit<Op, 'verb'> | null
  call(subject: Subject, operation: Op): Promise<unknown>
  /** The answer that the oracle gives, having seen the other's where that is free to choose. */
  judge(oracle: Oracle, operation: Op, answer: any): unknown
}

type Verbs = { [Name in Operation['verb']]: Verb<Extract<Operation, { verb: Name }>> }

const SECOND: Micros = 1_000_000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'America/Sao_Paulo']
const MODELS = ['acme/painter', 'acme/filmer']
const AMOUNTS = [1n, 999_999n, 1_000_000n, 1_500_000n, 2_250_000n, 4_000_001n]

export const VERBS: Verbs = {
  open: {
    weight: 0.3,
    make({ random, oracle }) {
      const account = `org_${oracle.accounts.size}`
      return oracle.accounts.size < 3 ? { account, zone: random.pick(ZONES) } : null
    },
    call: ({ keepers }, { account, zone }) => keepers.ledger.open(account, zone).then(() => 'open'),
    judge(oracle, { account, zone }) {
      oracle.open(account, zone)
      return 'open'
    },
  },

  grant: {
    weight: 8,
    make({ random, oracle, name }) {
      const account = anyAccount(random, oracle)
      if (!account) return null
      const known = account.grants.filter(({ kind }) => kind !== 'refund')
      const repeats = known.length > 0 && random.chance(0.2)
      const moments = [null, null, 3 * SECOND, HOUR, 5 * HOUR, DAY, 20 * DAY, 60 * DAY]
      return {
        account: account.id,
        ref: repeats ? random.pick(known).ref.replace('prove:', '') : name('r'),
        amount: String(random.pick(AMOUNTS) * BigInt(random.between(1, 4))),
        priority: random.pick([0, 20, 50, 50, 50, 100]),
        lasts: random.pick(moments),
      }
    },
    async call({ keepers, oracle }, { account, ref, amount, priority, lasts }) {
      const request: GrantRequest = {
        accountId: account,
        kind: 'admin',
        amount: Credits.fromMicro(amount),
        source: 'prove',
        sourceRef: ref,
        actor: 'system:prove',
        reason: 'to be spent',
        priority,
        expiresAt: lasts === null ? null : dateOf(oracle.appNow + lasts),
      }
      try {
        const { outcome, grantId, balance } = await keepers.ledger.grant(request)
        const { available, held } = balance
        return { outcome, id: grantId, available: available.micro, held: held.micro }
      } catch (error) {
        if (error instanceof AccountClosedFault) return { outcome: 'closed' }
        if (error instanceof ExpiryPastFault) return { outcome: 'past' }
        throw error
      }
    },
    judge(oracle, { account, ref, amount, priority, lasts }, answer) {
      const said = oracle.grant(account, {
        id: answer.id,
        ref: `prove:${ref}`,
        kind: 'admin',
        amount: BigInt(amount),
        priority,
        expiresAt: lasts === null ? null : oracle.appNow + lasts,
      })
      if (!('id' in said)) return said
      const of = oracle.of(account)
      const at = of.clock(oracle.now)
      const due = of.grants.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= at)
      const lost = due.reduce((sum, { remaining }) => sum + remaining, 0n)
      return { ...said, available: of.available() - lost, held: of.held() }
    },
  },

  restrict: {
    weight: 0.5,
    make({ random, oracle }) {
      const account = anyAccount(random, oracle)
      const known = account?.grants.filter(({ kind }) => kind !== 'refund') ?? []
      if (known.length === 0) return null
      const ref = random.pick(known).ref.replace('prove:', '')
      return { account: account!.id, ref, models: [random.pick(MODELS)] }
    },
    async call({ keepers }, { account, ref, models }) {
      await keepers.sql.rows(
        `update grants set restricted_to = $3 where account_id = $1 and source_ref = $2`,
        [account, ref, JSON.stringify({ models })]
      )
    },
    judge(oracle, { account, ref, models }) {
      const grant = oracle.of(account).grants.find((one) => one.ref === `prove:${ref}`)
      if (grant) grant.only = { models }
    },
  },

  rule: {
    weight: 1.5,
    make({ random, oracle }) {
      const account = anyAccount(random, oracle)
      if (!account) return null
      const scope = random.pick(['org', 'user', 'model'] as const)
      const measure = random.pick([
        'requests',
        'credits',
        'credits',
        'images',
        'concurrency',
      ] as const)
      const most = { requests: 12, credits: 15_000_000, images: 12, concurrency: 4 }[measure]
      return {
        account: account.id,
        scope,
        id: scope === 'user' && random.chance(0.5) ? 'usr_a' : '*',
        measure,
        window: random.pick(['minute', 'hour', 'day', 'month', 'total'] as const),
        max: String(random.between(Math.ceil(most / 4), most)),
      }
    },
    async call({ keepers }, { account, scope, id, measure, window, max }) {
      await keepers.sql.rows(
        `insert into limit_rules values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, scope, scope_id, measure, "window") do update set max = excluded.max`,
        [account, scope, id, measure, window, max]
      )
    },
    judge(oracle, { account, max, verb: _, ...rule }) {
      const { rules } = oracle.of(account)
      const same = (other: (typeof rules)[number]) =>
        other.scope === rule.scope &&
        other.id === rule.id &&
        other.measure === rule.measure &&
        other.window === rule.window
      const known = rules.find(same)
      if (known) known.max = BigInt(max)
      else rules.push({ ...rule, max: BigInt(max) })
    },
  },

  start: {
    weight: 30,
    make({ random, oracle, name }) {
      const account = anyAccount(random, oracle)
      if (!account) return null
      const keys = [...account.keys.keys()]
      const repeats = keys.length > 0 && random.chance(0.2)
      const key = repeats ? random.pick(keys) : random.chance(0.5) ? name('k') : null
      return {
        account: account.id,
        job: name(account.id.replace('org', 'job')),
        hold: String(
          random.chance(0.05) ? 0n : random.pick(AMOUNTS) * BigInt(random.between(1, 3))
        ),
        key,
        hash: random.chance(0.1) ? 'other' : 'same',
        user: random.pick([null, 'usr_a', 'usr_b']),
        model: random.pick(MODELS),
        images: random.between(1, 4),
        lasts: random.pick([30 * SECOND, 600 * SECOND, 2 * HOUR, DAY]),
      }
    },
    async call({ keepers, oracle }, operation) {
      return startText(
        await keepers.metered.start(startOf(operation, dateOf(oracle.appNow + operation.lasts)))
      )
    },
    judge(oracle, operation, answer) {
      const request = holdRequestOf(operation, oracle.appNow + operation.lasts)
      const said = startAnswerTexts(oracle.start(request))
      return said.includes(answer) ? answer : said[0]
    },
  },

  claim: {
    weight: 18,
    make: ({ random }) => ({
      limit: random.pick([1, 1, 2, 5]),
      lease: random.pick([SECOND, 30 * SECOND, 30 * SECOND, 4 * HOUR]),
    }),
    async call({ keepers }, { limit, lease }) {
      const jobs = await keepers.queue.claim({
        worker: 'prover',
        kinds: ['generation'],
        limit,
        leaseMs: lease / 1000,
      })
      return jobs.map(({ id, attempt, token }) => `${id} ${attempt} ${token}`).sort()
    },
    judge(oracle, { limit, lease }, answer: string[]) {
      const due = oracle.jobs().filter((job) => oracle.isDue(job))
      const ids = answer.map((line) => line.split(' ')[0])
      // Which of those that are due is the queue's own matter.
      const isFair =
        ids.length === Math.min(limit, due.length) &&
        ids.every((id) => due.some((job) => job.id === id))
      if (!isFair) return `${Math.min(limit, due.length)} of ${due.map(({ id }) => id).join(' ')}`
      return ids.map((id) => {
        const account = accountOf(id)
        oracle.claim(account, id, oracle.now + lease)
        const { attempt, token } = oracle.jobOf(account, id)
        return `${id} ${attempt} ${token}`
      })
    },
  },

  heartbeat: {
    weight: 2,
    make: (maker) => withLease(maker, () => ({ lease: maker.random.pick([SECOND, 30 * SECOND]) })),
    async call({ keepers, oracle }, { job, behind, lease }) {
      const kept = await keepers.queue.heartbeat([leaseOf(oracle, job, behind)], lease / 1000)
      return kept.map(({ cancelRequested }) => ({ cancelRequested }))
    },
    judge(oracle, { job, behind, lease }) {
      const kept = oracle.heartbeat(tokenOf(oracle, job, behind), oracle.now + lease)
      return kept ? [kept] : []
    },
  },

  hand_off: {
    weight: 3,
    make: (maker) => withLease(maker, () => ({})),
    call: ({ keepers, oracle }, { job, behind }) =>
      keepers.queue.handOff(leaseOf(oracle, job, behind), { task: job }),
    judge: (oracle, { job, behind }) => oracle.handOff(tokenOf(oracle, job, behind)),
  },

  hand_back: {
    weight: 4,
    make: (maker) => withLease(maker, () => ({})),
    call: ({ keepers, oracle }, { job, behind }) =>
      keepers.queue.handBack(leaseOf(oracle, job, behind)),
    judge: (oracle, { job, behind }) => oracle.handBack(tokenOf(oracle, job, behind)),
  },

  retry: {
    weight: 4,
    make: (maker) =>
      withLease(maker, () => ({
        after: maker.random.pick([0, SECOND, 20 * SECOND]),
        free: maker.random.chance(0.3),
        keep: maker.random.chance(0.3),
      })),
    call: ({ keepers, oracle }, { job, behind, after, free, keep }) =>
      keepers.queue.retry(leaseOf(oracle, job, behind), {
        runAt: dateOf(oracle.appNow + after),
        error: { class: 'provider_failed', message: 'It broke.' },
        free,
        keepHandle: keep,
        usage: free ? undefined : usageOf('failed'),
      }),
    judge: (oracle, { job, behind, after, free, keep }) =>
      oracle.retry(tokenOf(oracle, job, behind), {
        runAt: oracle.appNow + after,
        isFree: free,
        keepHandle: keep,
      }),
  },

  finish: {
    weight: 16,
    make: (maker) =>
      withLease(maker, (job, account) => {
        const { random, oracle } = maker
        const { amount } = oracle.of(account).holds.get(job.id)!
        const state = random.pick([
          'succeeded',
          'succeeded',
          'succeeded',
          'failed',
          'canceled',
        ] as const)
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
        oracle.finish(tokenOf(oracle, job, behind), {
          state,
          cost: BigInt(cost),
          measures: { images: BigInt(delivered) },
        })
      ),
  },

  cancel: {
    weight: 7,
    make: (maker) => withJob(maker),
    async call({ keepers }, { job }) {
      const result = await keepers.metered.cancel(
        { accountId: accountOf(job), jobId: job },
        'user:usr_a'
      )
      return 'state' in result ? `${result.outcome} ${result.state}` : result.outcome
    },
    judge(oracle, { job }) {
      const result = oracle.cancel(accountOf(job), job)
      return 'state' in result ? `${result.outcome} ${result.state}` : result.outcome
    },
  },

  expire: {
    weight: 4,
    make: (maker) => withJob(maker),
    call: async ({ keepers }, { job }) =>
      endText(await keepers.metered.expire({ accountId: accountOf(job), jobId: job }, 'deadline')),
    judge: (oracle, { job }) => endText(oracle.expire(accountOf(job), job)),
  },

  requeue: {
    weight: 3,
    make: () => ({}),
    async call({ keepers }) {
      const lost = await keepers.queue.requeueLost(10_000)
      return lost.map(({ jobId }) => jobId).sort()
    },
    judge: (oracle) => oracle.requeueLost().sort(),
  },

  sweep: {
    weight: 2,
    make: () => ({}),
    async call({ keepers }) {
      const overdue = await keepers.queue.overdue(10_000)
      for (const { reason, ...ref } of overdue) await keepers.metered.expire(ref, reason)
      return overdue.map(({ jobId }) => jobId)
    },
    judge(oracle, _, answer: string[]) {
      const overdue = oracle.jobs().filter((job) => oracle.isOverdue(job))
      const expected = overdue.map(({ id }) => id).sort()
      // Which goes first is the sweeper's own matter.
      if (answer.toSorted().join() !== expected.join()) return expected
      for (const id of answer) oracle.expire(accountOf(id), id)
      return answer
    },
  },

  expire_grants: {
    weight: 2,
    make({ random, oracle }) {
      const account = anyAccount(random, oracle)
      return account && { account: account.id }
    },
    call: ({ keepers }, { account }) => keepers.ledger.expireGrants(account),
    judge: (oracle, { account }) => oracle.expireGrants(account),
  },

  wait: {
    weight: 12,
    make({ random, oracle }) {
      // Often to the very tick at which something changes, sometimes to just before it.
      const ticks = [...oracle.accounts.values()].flatMap(({ grants, jobs, counters }) => [
        ...grants.map(({ expiresAt }) => expiresAt),
        ...[...jobs.values()].flatMap(({ leaseUntil, deadline, runAt }) => [
          leaseUntil,
          deadline,
          runAt,
        ]),
        ...[...counters.values()].map(({ window }) => window.end),
      ])
      const ahead = ticks.filter(
        (tick) => tick !== null && tick > oracle.now && Number.isFinite(tick)
      )
      if (ahead.length > 0 && random.chance(0.5)) {
        const lasts = (random.pick(ahead) as Micros) - oracle.now - (random.chance(0.2) ? 1000 : 0)
        if (lasts <= 40 * DAY) return { lasts }
      }
      if (random.chance(0.05)) return { lasts: -HOUR }
      return { lasts: random.pick([1000, SECOND, 40 * SECOND, HOUR, 9 * HOUR]) }
    },
    async call({ keepers, oracle }, { lasts }) {
      await setClock(keepers.sql, oracle.now + lasts)
    },
    judge(oracle, { lasts }) {
      oracle.now += lasts
    },
  },

  zone: {
    weight: 0.5,
    make({ random, oracle }) {
      const account = anyAccount(random, oracle)
      return account && { account: account.id, zone: random.pick(ZONES) }
    },
    async call({ keepers }, { account, zone }) {
      await keepers.sql.rows('update accounts set timezone = $2 where id = $1', [account, zone])
    },
    judge(oracle, { account, zone }) {
      oracle.of(account).zone = zone
    },
  },

  close: {
    weight: 0.05,
    make({ random, oracle }) {
      const account = anyAccount(random, oracle)
      return account && oracle.accounts.size > 2 ? { account: account.id } : null
    },
    async call({ keepers }, { account }) {
      await keepers.sql.rows(`update accounts set state = 'closed' where id = $1`, [account])
    },
    judge(oracle, { account }) {
      oracle.of(account).closed = true
    },
  },
}

export function startOf(operation: StartOperation, deadline: Date): StartRequest {
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
    limits: [
      { scope: 'org', measure: 'requests', window: 'hour', limit: 300n, onExceed: 'refuse' },
    ],
    idempotency:
      operation.key === null ? null : { key: operation.key, requestHash: operation.hash },
    metadata: {},
    webhookUrl: null,
    deadline,
    maxAttempts: 3,
    traceparent: null,
  }
}

export function holdRequestOf(operation: StartOperation, deadline: Micros): HoldRequest {
  const amount = BigInt(operation.hold)
  return {
    account: operation.account,
    job: operation.job,
    amount,
    model: operation.model,
    kind: 'image',
    key: operation.key,
    hash: operation.hash,
    deadline,
    subject: {
      org: operation.account,
      user: operation.user,
      provider: 'acme',
      model: operation.model,
    },
    needs: { requests: 1n, concurrency: 1n, credits: amount, images: BigInt(operation.images) },
    limits: [{ scope: 'org', measure: 'requests', window: 'hour', max: 300n }],
  }
}

/** A start's answer in a line, whoever gave it. */
export function startText(result: StartResult): string {
  if (result.outcome === 'conflict')
    return `conflict ${result.generationId.replace('gen_', 'job_')}`
  if (result.outcome !== 'refused') return `${result.outcome} ${result.jobId}`
  const { refusal } = result
  switch (refusal.type) {
    case 'insufficient_credits':
      return `${refusal.type} ${refusal.needed.micro} ${refusal.available.micro} ${refusal.held.micro}`
    case 'limit_exceeded': {
      const { rule, limit, used, held, needed, clearsAt } = refusal.limit
      const clears = clearsAt ? clearsAt.getTime() * 1000 : 'never'
      return `${refusal.type} ${rule} ${limit} ${used} ${held} ${needed} ${clears}`
    }
    default:
      return refusal.type
  }
}

/** Each of the lines that would be right. */
export function startAnswerTexts(answer: StartAnswer): string[] {
  if (answer.outcome !== 'refused') return [`${answer.outcome} ${answer.job}`]
  const { refusal } = answer
  switch (refusal.type) {
    case 'insufficient_credits':
      return [`${refusal.type} ${refusal.needed} ${refusal.available} ${refusal.held}`]
    case 'limit_exceeded':
      return refusal.any.map((state) => `${refusal.type} ${limitText(state)}`)
    default:
      return [refusal.type]
  }
}

function limitText({ counter, window, max, used, held, needed }: CounterState): string {
  const clears = Number.isFinite(window.end) ? window.end : 'never'
  const rule = `${counter.scope}_${counter.measure}_per_${counter.size}`
  return `${rule} ${max} ${used} ${held} ${needed} ${clears}`
}

type AnyEnd = { outcome: string; state?: JobState; charged?: Credits | bigint }

export function endText(result: AnyEnd | EndAnswer): string {
  if (!('state' in result)) return result.outcome
  const { outcome, state, charged } = result as Required<AnyEnd>
  return `${outcome} ${state} ${typeof charged === 'bigint' ? charged : charged.micro}`
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

export function dateOf(at: Micros): Date {
  return new Date(at / 1000)
}

/** Jobs say whose they are: `job_0_7` is of `org_0`. */
export function accountOf(job: string): string {
  return `org_${job.split('_')[1]}`
}

function tokenOf(oracle: Oracle, job: string, behind: number) {
  const account = accountOf(job)
  return { account, id: job, token: oracle.jobOf(account, job).token - behind }
}

function leaseOf(oracle: Oracle, job: string, behind: number) {
  const { account, id, token } = tokenOf(oracle, job, behind)
  return { accountId: account, jobId: id, token: BigInt(token) }
}

function anyAccount(random: Random, oracle: Oracle) {
  const accounts = [...oracle.accounts.values()]
  return accounts.length > 0 ? random.pick(accounts) : null
}

/** A job, one that is open more often than not, and often one that was asked to stop. */
function withJob({ random, oracle }: Maker): { job: string } | null {
  const jobs = oracle.jobs()
  const open = jobs.filter((job) => !isFinal(job))
  const stopping = open.filter(({ cancelRequested }) => cancelRequested)
  const [from] = [random.chance(0.4) ? stopping : [], random.chance(0.8) ? open : [], jobs].filter(
    ({ length }) => length > 0
  )
  return from ? { job: random.pick(from).id } : null
}

/** The token of a job, mostly one that owns it. */
function withLease<More extends object>(maker: Maker, more: (job: Job, account: string) => More) {
  const { random, oracle } = maker
  const running = oracle.jobs().filter(({ state }) => state === 'running')
  const stopping = running.filter(({ cancelRequested }) => cancelRequested)
  const [jobs = []] = [
    random.chance(0.3) ? stopping : [],
    random.chance(0.85) ? running : [],
    oracle.jobs(),
  ].filter(({ length }) => length > 0)
  if (jobs.length === 0) return null
  const job = random.pick(jobs)
  const behind = random.chance(0.15) ? 1 : 0
  return { job: job.id, behind, ...more(job, accountOf(job.id)) }
}
