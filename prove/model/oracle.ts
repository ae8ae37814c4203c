import type { JobState } from '#core/queue/types'
import type { LimitMeasure, LimitScope, LimitWindow } from '#core/quota/limit_rule'
import { windowOf, type Micros, type Window } from './windows.js'

/**
 * The ledger in memory, one call after the other: what its design promises, written from the
 * promises and not from the SQL that keeps them. Amounts are micro-credits, times microseconds
 * since 1970. It is slow, plain, and the judge.
 */
export class Oracle {
  readonly accounts = new Map<string, Account>()
  /** The database's clock. An account's own never runs back. */
  now: Micros = 0
  /** How far the application's clock is ahead of it. Only what the application asks for goes by that. */
  skew: Micros = 0

  get appNow(): Micros {
    return this.now + this.skew
  }

  open(id: string, zone: string) {
    if (!this.accounts.has(id)) this.accounts.set(id, new Account(id, zone))
  }

  of(id: string): Account {
    const account = this.accounts.get(id)
    if (!account) throw new Error(`the stream uses account ${id} before it opens it`)
    return account
  }

  /** A closed account takes no credits, and none takes what could never be spent. */
  grant(id: string, grant: NewGrant): GrantAnswer {
    const account = this.of(id)
    const known = account.grants.find(({ ref }) => ref === grant.ref)
    if (known) return { outcome: 'exists', id: known.id }
    const at = account.clock(this.now)
    if (account.closed) return { outcome: 'closed' }
    if (grant.expiresAt !== null && grant.expiresAt <= at) return { outcome: 'past' }
    account.add(grant, at)
    return { outcome: 'granted', id: grant.id }
  }

  /** What a hold would be refused with, or the slices that it would take. Writes nothing. */
  judge(request: HoldRequest): Refusal | { slices: Slice[]; states: CounterState[] } {
    const account = this.of(request.account)
    const at = account.clock(this.now)
    if (account.closed) return { type: 'account_closed' }
    if (account.overdraft > 0n) return { type: 'account_in_debt' }
    const states = account.countersFor(request, at)
    const over = states.filter(({ held, used, needed, max }) => held + used + needed > max)
    if (over.length > 0) {
      const last = Math.max(...over.map(({ window }) => window.end))
      return { type: 'limit_exceeded', any: over.filter(({ window }) => window.end === last) }
    }
    const slices: Slice[] = []
    let missing = request.amount
    for (const grant of account.drawable(at, request)) {
      const part = least(missing, grant.remaining)
      if (part > 0n) slices.push([grant.id, part])
      missing -= part
    }
    if (missing > 0n) {
      const available = request.amount - missing
      return {
        type: 'insufficient_credits',
        needed: request.amount,
        available,
        held: account.held(),
      }
    }
    return { slices, states }
  }

  /** Hold and job, born together; a repeat answers with the first. */
  start(request: HoldRequest): StartAnswer {
    const account = this.of(request.account)
    const known = request.key === null ? undefined : account.keys.get(request.key)
    if (known) {
      return { outcome: known.hash === request.hash ? 'exists' : 'conflict', job: known.job }
    }
    const judged = this.judge(request)
    if ('type' in judged) return { outcome: 'refused', refusal: judged }

    const at = account.clock(this.now)
    account.expireDue(at)
    for (const [id, part] of judged.slices) {
      const grant = account.grantOf(id)
      grant.remaining -= part
      grant.held += part
    }
    const pins: Pin[] = []
    for (const { counter, window, max, needed, held, used } of judged.states) {
      const counts = counter.measure === 'requests'
      const next = {
        ...counter,
        window,
        max,
        held: counts ? held : held + needed,
        used: counts ? used + needed : used,
      }
      account.counters.set(counterKey(counter), next)
      if (!counts) pins.push({ key: counterKey(counter), start: window.start, amount: needed })
    }
    account.holds.set(request.job, {
      id: request.job,
      amount: request.amount,
      state: 'held',
      cost: null,
      slices: judged.slices,
      pins,
    })
    if (request.key !== null) {
      account.keys.set(request.key, { hash: request.hash, job: request.job })
    }
    account.jobs.set(request.job, {
      id: request.job,
      state: 'queued',
      attempt: 0,
      token: 0,
      // What workers wait for is real time, even where the account's own is ahead.
      runAt: Math.min(at, this.now),
      leaseUntil: null,
      deadline: request.deadline,
      cancelRequested: false,
      handle: false,
    })
    return { outcome: 'started', job: request.job }
  }

  /** Whether a worker may be handed this job now. */
  isDue({ state, runAt, deadline, cancelRequested }: Job): boolean {
    return state === 'queued' && runAt <= this.now && deadline > this.now && !cancelRequested
  }

  claim(account: string, id: string, leaseUntil: Micros) {
    const job = this.jobOf(account, id)
    Object.assign(job, { state: 'running', leaseUntil })
    job.attempt++
    job.token++
  }

  /** Renews a lease. `null` when it was lost. */
  heartbeat(
    { account, id, token }: Lease,
    leaseUntil: Micros
  ): { cancelRequested: boolean } | null {
    const job = this.owned({ account, id, token })
    if (!job) return null
    job.leaseUntil = leaseUntil
    return { cancelRequested: job.cancelRequested }
  }

  handOff(lease: Lease): boolean {
    const job = this.owned(lease)
    if (job) job.handle = true
    return job !== null
  }

  retry(lease: Lease, { runAt, isFree, keepHandle }: Retry): boolean {
    const job = this.owned(lease)
    if (!job) return false
    if (isFree) job.attempt--
    else this.of(lease.account).addUsage(job.id, job.attempt, 'failed', 0n)
    Object.assign(job, {
      state: 'queued',
      runAt,
      leaseUntil: null,
      handle: keepHandle && job.handle,
    })
    return true
  }

  handBack(lease: Lease): boolean {
    const job = this.owned(lease)
    if (!job) return false
    Object.assign(job, { state: 'queued', runAt: this.now, leaseUntil: null })
    job.attempt--
    return true
  }

  /** Jobs whose worker went silent are for others again. Answers which. */
  requeueLost(): string[] {
    const lost = this.jobs().filter(
      ({ state, leaseUntil, cancelRequested }) =>
        state === 'running' && leaseUntil! < this.now && !cancelRequested
    )
    for (const job of lost) {
      Object.assign(job, { state: 'queued', runAt: this.now, leaseUntil: null })
    }
    return lost.map(({ id }) => id)
  }

  finish(lease: Lease, { state, cost, measures }: Outcome): EndAnswer {
    const job = this.jobOf(lease.account, lease.id)
    if (job.token !== lease.token) return { outcome: 'stale' }
    if (isFinal(job)) return this.#resolved(lease.account, job)
    if (job.state !== 'running') return { outcome: 'stale' }
    const attempt = job.attempt
    const hold = cost > 0n ? 'settled' : 'released'
    const charged = this.#end(lease.account, job, state, {
      hold,
      cost,
      measures,
      keepsExpired: state === 'failed',
    })
    const account = this.of(lease.account)
    if (cost > charged) account.losses.push(`${job.id} ${attempt} overrun ${cost - charged}`)
    account.addUsage(job.id, attempt, state, charged)
    return { outcome: 'finished', state, charged }
  }

  cancel(
    account: string,
    id: string
  ): EndAnswer | { outcome: 'canceled' | 'requested' | 'missing' } {
    const job = this.of(account).jobs.get(id)
    if (!job) return { outcome: 'missing' }
    if (isFinal(job)) return this.#resolved(account, job)
    job.cancelRequested = true
    if (job.state === 'running') return { outcome: 'requested' }
    job.token++
    this.#end(account, job, 'canceled', { hold: 'released', cost: 0n, keepsExpired: false })
    return { outcome: 'canceled' }
  }

  /** Whether nobody will finish this job any more. */
  isOverdue(job: Job): boolean {
    if (isFinal(job)) return false
    const left = job.leaseUntil === null || job.leaseUntil < this.now
    return job.deadline <= this.now || (job.cancelRequested && left)
  }

  expire(account: string, id: string): EndAnswer {
    const job = this.jobOf(account, id)
    if (isFinal(job)) return this.#resolved(account, job)
    if (!this.isOverdue(job)) return { outcome: 'stale' }
    const isLate = job.deadline <= this.now
    job.token++
    const state = isLate ? 'expired' : 'canceled'
    const hold = isLate ? 'expired' : 'released'
    this.#end(account, job, state, { hold, cost: 0n, keepsExpired: isLate })
    return { outcome: 'finished', state, charged: 0n }
  }

  /** Writes the expiry of what is due. Answers how many grants ended. */
  expireGrants(id: string): number {
    const account = this.of(id)
    return account.expireDue(account.clock(this.now))
  }

  jobOf(account: string, id: string): Job {
    return this.of(account).jobs.get(id)!
  }

  jobs(): Job[] {
    return [...this.accounts.values()].flatMap(({ jobs }) => [...jobs.values()])
  }

  /** The job, if this token still owns it. */
  owned({ account, id, token }: Lease): Job | null {
    const job = this.of(account).jobs.get(id)
    return job && job.token === token && job.state === 'running' ? job : null
  }

  #resolved(account: string, job: Job): EndAnswer {
    const charged = this.of(account).holds.get(job.id)!.cost ?? 0n
    return { outcome: 'resolved', state: job.state, charged }
  }

  /** Ends job and hold. The user pays at most the hold. Answers what was charged. */
  #end(id: string, job: Job, state: JobState, end: End): bigint {
    const account = this.of(id)
    const at = account.clock(this.now)
    const hold = account.holds.get(job.id)!
    const charged = end.hold === 'settled' ? least(end.cost, hold.amount) : 0n
    let unpaid = charged
    const returned = new Map<string, bigint>()
    for (const [grantId, part] of hold.slices) {
      const grant = account.grantOf(grantId)
      const paid = least(unpaid, part)
      unpaid -= paid
      grant.held -= part
      grant.remaining += part - paid
      returned.set(grantId, part - paid)
      if (paid > 0n)
        account.write({ kind: 'consume', amount: -paid, grant: grantId, hold: hold.id, at })
    }
    // What comes back to an expired grant lives on after a failure that was not the user's, once.
    for (const [grantId, part] of returned) {
      const grant = account.grantOf(grantId)
      if (!isExpired(grant, at) || !end.keepsExpired || grant.parent !== null || part === 0n)
        continue
      const child = `${grantId}:${hold.id}`
      account.add(
        {
          id: child,
          ref: `expired_hold:${child}`,
          kind: 'refund',
          amount: part,
          priority: grant.priority,
          expiresAt: Math.max(grant.expiresAt!, at + HOURS_72),
          parent: grantId,
          only: grant.only,
        },
        at
      )
    }
    account.expireDue(at)
    for (const { key, start, amount } of hold.pins) {
      const counter = account.counters.get(key)!
      if (counter.window.start !== start) continue
      counter.held -= amount
      if (counter.measure === 'credits') counter.used += charged
      else if (counter.measure !== 'concurrency') {
        counter.used += least(end.measures?.[counter.measure] ?? 0n, amount)
      }
    }
    hold.state = end.hold
    hold.cost = end.hold === 'settled' ? charged : null
    Object.assign(job, { state, leaseUntil: null, handle: false })
    return charged
  }
}

/** What one payer has. */
export class Account {
  grants: Grant[] = []
  holds = new Map<string, Hold>()
  jobs = new Map<string, Job>()
  counters = new Map<string, Counter>()
  rules: Rule[] = []
  keys = new Map<string, { hash: string; job: string }>()
  entries: Entry[] = []
  losses: string[] = []
  usage: string[] = []
  overdraft = 0n
  closed = false
  #lastEntryAt = -Infinity

  constructor(
    readonly id: string,
    /** Of windows that open from now on. */
    public zone: string
  ) {}

  clock(now: Micros): Micros {
    return Math.max(now, this.#lastEntryAt)
  }

  available(): bigint {
    return this.grants.reduce((sum, { remaining }) => sum + remaining, 0n)
  }

  held(): bigint {
    return this.grants.reduce((sum, { held }) => sum + held, 0n)
  }

  grantOf(id: string): Grant {
    return this.grants.find((grant) => grant.id === id)!
  }

  add({ parent = null, ...grant }: NewGrant, at: Micros) {
    const { id, amount } = grant
    this.grants.push({ ...grant, parent, remaining: amount, held: 0n })
    this.write({ kind: 'grant', amount, grant: id, hold: null, at })
  }

  write(entry: Entry) {
    this.entries.push(entry)
    this.#lastEntryAt = entry.at
  }

  addUsage(job: string, attempt: number, status: string, price: bigint) {
    if (this.usage.some((line) => line.startsWith(`${job} ${attempt} `))) return
    this.usage.push(`${job} ${attempt} ${status} ${price}`)
  }

  /** In the order in which grants are drawn from. */
  drawable(at: Micros, { model, kind }: Pick<HoldRequest, 'model' | 'kind'>): Grant[] {
    const allows = ({ only }: Grant) =>
      !only || only.models?.includes(model) || only.kinds?.includes(kind)
    return this.grants
      .filter((grant) => grant.remaining > 0n && !isExpired(grant, at) && allows(grant))
      .sort(
        (a, b) =>
          a.priority - b.priority ||
          compare(a.expiresAt ?? Infinity, b.expiresAt ?? Infinity) ||
          compare(a.id, b.id)
      )
  }

  expireDue(at: Micros): number {
    const due = this.grants.filter((grant) => grant.remaining > 0n && isExpired(grant, at))
    for (const grant of due) {
      this.write({ kind: 'expire', amount: -grant.remaining, grant: grant.id, hold: null, at })
      grant.remaining = 0n
    }
    return due.length
  }

  /** Every rule that counts for a call: the one for this id before the account's before the default. */
  countersFor({ subject, needs, limits }: HoldRequest, at: Micros): CounterState[] {
    const found = new Map<string, CounterState & { rank: number }>()
    const rules = [...limits.map((rule) => ({ ...rule, id: '*', rank: 0 })), ...this.rules]
    for (const { scope, id, measure, window: size, max, rank = id === '*' ? 1 : 2 } of rules) {
      const scopeId = subject[scope]
      const needed = needs[measure] ?? 0n
      if (!scopeId || needed <= 0n || (id !== '*' && id !== scopeId)) continue
      const name = `${scope} ${measure} ${size}`
      if (found.has(name) && found.get(name)!.rank >= rank) continue
      const counter = { scope, scopeId, measure, size }
      const known = this.counters.get(counterKey(counter))
      const isOpen = known !== undefined && known.window.end > at
      found.set(name, {
        counter,
        rank,
        max,
        needed,
        window: isOpen ? known.window : windowOf(size, at, this.zone),
        held: isOpen ? known.held : 0n,
        used: isOpen ? known.used : 0n,
      })
    }
    return [...found.values()]
  }
}

export const HOURS_72: Micros = 72 * 3_600_000_000
const FINAL = ['succeeded', 'failed', 'canceled', 'expired']

export const isFinal = ({ state }: Pick<Job, 'state'>) => FINAL.includes(state)
const isExpired = ({ expiresAt }: Grant, at: Micros) => expiresAt !== null && expiresAt <= at
const least = (a: bigint, b: bigint) => (a < b ? a : b)
const compare = <Value>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)
const counterKey = ({ scope, scopeId, measure, size }: CounterName) =>
  `${scope} ${scopeId} ${measure} ${size}`

export type Slice = [grant: string, part: bigint]

export interface NewGrant {
  id: string
  /** The reference that is granted for once. */
  ref: string
  kind: string
  amount: bigint
  priority: number
  expiresAt: Micros | null
  parent?: string | null
  /** What alone it pays for. */
  only?: { models?: string[]; kinds?: string[] }
}

export interface Grant extends NewGrant {
  parent: string | null
  remaining: bigint
  held: bigint
}

export type GrantAnswer =
  { outcome: 'granted' | 'exists'; id: string } | { outcome: 'closed' | 'past' }

export interface HoldRequest {
  account: string
  job: string
  amount: bigint
  model: string
  kind: string
  key: string | null
  hash: string
  deadline: Micros
  subject: Partial<Record<LimitScope, string | null>>
  needs: Partial<Record<LimitMeasure, bigint>>
  limits: Omit<Rule, 'id'>[]
}

export type Refusal =
  | { type: 'account_closed' | 'account_in_debt' | 'key_revoked' }
  | { type: 'insufficient_credits'; needed: bigint; available: bigint; held: bigint }
  /** Where several rules clear at the same time, each may be told. */
  | { type: 'limit_exceeded'; any: CounterState[] }

export type StartAnswer =
  | { outcome: 'started' | 'exists' | 'conflict'; job: string }
  | { outcome: 'refused'; refusal: Refusal }

export type EndAnswer =
  { outcome: 'stale' } | { outcome: 'finished' | 'resolved'; state: JobState; charged: bigint }

export interface Rule {
  scope: LimitScope
  id: string
  measure: LimitMeasure
  window: LimitWindow
  max: bigint
  rank?: number
}

interface CounterName {
  scope: LimitScope
  scopeId: string
  measure: LimitMeasure
  size: LimitWindow
}

export interface Counter extends CounterName {
  window: Window
  max: bigint
  held: bigint
  used: bigint
}

export interface CounterState {
  counter: CounterName
  window: Window
  max: bigint
  needed: bigint
  held: bigint
  used: bigint
}

interface Pin {
  key: string
  start: Micros
  amount: bigint
}

export interface Hold {
  id: string
  amount: bigint
  state: 'held' | 'settled' | 'released' | 'expired'
  cost: bigint | null
  slices: Slice[]
  pins: Pin[]
}

export interface Job {
  id: string
  state: JobState
  attempt: number
  token: number
  runAt: Micros
  leaseUntil: Micros | null
  deadline: Micros
  cancelRequested: boolean
  /** Whether a vendor's handle is remembered. */
  handle: boolean
}

export interface Entry {
  kind: 'grant' | 'consume' | 'expire'
  amount: bigint
  grant: string
  hold: string | null
  at: Micros
}

export interface Lease {
  account: string
  id: string
  token: number
}

interface Retry {
  runAt: Micros
  isFree: boolean
  keepHandle: boolean
}

export interface Outcome {
  state: Extract<JobState, 'succeeded' | 'failed' | 'canceled'>
  cost: bigint
  measures: Partial<Record<LimitMeasure, bigint>>
}

interface End {
  hold: 'settled' | 'released' | 'expired'
  cost: bigint
  measures?: Outcome['measures']
  keepsExpired: boolean
}
