import type { JobState } from '#core/queue/types'
import type { Micros } from '../windows.js'
import { compare, isFinal, type Job } from './facts.js'
import { endHold, judgeHold, takeHold, type Asked, type End, type Refusal } from './holding.js'
import { clearsAt, gateOf, type CounterState, type Measures } from './limits.js'
import type { Oracle } from './oracle.js'

export interface StartRequest extends Asked {
  account: string
  job: string
  key: string | null
  hash: string
  deadline: Micros
}

export type StartAnswer =
  | { outcome: 'exists' | 'conflict'; job: string }
  /** Where it waits at several limits that may clear last, at any of their gates. */
  | { outcome: 'started'; job: string; anyGate: string[]; observed: CounterState[] }
  | { outcome: 'refused'; refusal: Refusal }

export type EndAnswer =
  { outcome: 'stale' } | { outcome: 'finished' | 'resolved'; state: JobState; charged: bigint }

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
  measures: Measures
}

/** Jobs with a price: born with their holds, and ended with them. */
export class Jobs {
  constructor(private readonly oracle: Oracle) {}

  all(): Job[] {
    return [...this.oracle.accounts.values()].flatMap(({ jobs }) => [...jobs.values()])
  }

  of(account: string, id: string): Job {
    return this.oracle.of(account).jobs.get(id)!
  }

  judge(request: StartRequest) {
    const account = this.oracle.of(request.account)
    const { now } = this.oracle
    return judgeHold(account, request, account.clock(now), request.deadline - now)
  }

  /** What a key that was used before answers, whatever it was used for. */
  replay({ account, key, hash }: StartRequest): StartAnswer | null {
    const of = this.oracle.of(account)
    const known = key === null ? undefined : of.keys.get(key)
    if (!known) return null
    const isSame = known.hash === hash && of.jobs.has(known.names)
    return { outcome: isSame ? 'exists' : 'conflict', job: known.names }
  }

  /** Hold and job; a repeat answers with the first. */
  start(request: StartRequest): StartAnswer {
    const known = this.replay(request)
    if (known) return known
    const judged = this.judge(request)
    if ('type' in judged) return { outcome: 'refused', refusal: judged }

    const { now } = this.oracle
    const { job: id, amount, key, hash, deadline } = request
    const account = this.oracle.of(request.account)
    const at = account.clock(now)
    takeHold(account, { id, amount, at }, judged)
    const anyGate = lastOf(judged.gates, account.zone)
    if (key !== null) account.keys.set(key, { hash, names: id })
    account.jobs.set(id, {
      id,
      state: 'queued',
      attempt: 0,
      token: 0,
      // What workers wait for is real time, even where the account's own is ahead.
      runAt: anyGate.length > 0 ? deadline : Math.min(at, now),
      gate: anyGate[0] ?? null,
      leaseUntil: null,
      deadline,
      passedBy: false,
      cancelRequested: false,
      handle: false,
    })
    return { outcome: 'started', job: id, anyGate, observed: judged.observed }
  }

  /** Lets go on what waits at a gate, in its order, as far as there is room. Answers which. */
  admit(id: string, gate: string, { limits, most }: { limits: Asked['limits']; most: number }) {
    const account = this.oracle.of(id)
    const at = account.clock(this.oracle.now)
    const line = [...account.jobs.values()].filter((job) => job.gate === gate && !isFinal(job))
    const admitted: string[] = []
    for (const job of line.sort((a, b) => compare(a.id, b.id)).slice(0, most)) {
      const hold = account.holds.get(job.id)!
      const said = account.limits.admit(hold.gates, at, account.zone, limits)
      if (typeof said !== 'string') {
        hold.pins.push(...said)
        hold.gates = []
        Object.assign(job, { gate: null, runAt: this.oracle.now })
        admitted.push(job.id)
        continue
      }
      job.gate = said
      // Nobody passes who waits longer for the same.
      if (said === gate) break
    }
    return admitted
  }

  /** Whether a worker may be handed this job now. */
  isDue({ state, runAt, deadline, cancelRequested }: Job): boolean {
    const { now } = this.oracle
    return state === 'queued' && runAt <= now && deadline > now && !cancelRequested
  }

  /** Workers look for work, and pass by what is too late. */
  passBy() {
    for (const job of this.all()) job.passedBy ||= job.deadline <= this.oracle.now
  }

  claim(account: string, id: string, leaseUntil: Micros) {
    const job = this.of(account, id)
    Object.assign(job, { state: 'running', leaseUntil })
    job.attempt++
    job.token++
  }

  /** Renews a lease. `null` when it was lost. */
  heartbeat(lease: Lease, leaseUntil: Micros): { cancelRequested: boolean } | null {
    const job = this.#owned(lease)
    if (!job) return null
    job.leaseUntil = leaseUntil
    return { cancelRequested: job.cancelRequested }
  }

  handOff(lease: Lease): boolean {
    const job = this.#owned(lease)
    if (job) job.handle = true
    return job !== null
  }

  retry(lease: Lease, { runAt, isFree, keepHandle }: Retry): boolean {
    const job = this.#owned(lease)
    if (!job) return false
    if (isFree) job.attempt--
    else this.oracle.of(lease.account).addUsage(job.id, job.attempt, 'failed', 0n)
    const handle = keepHandle && job.handle
    Object.assign(job, { state: 'queued', runAt, leaseUntil: null, handle })
    return true
  }

  handBack(lease: Lease): boolean {
    const job = this.#owned(lease)
    if (!job) return false
    Object.assign(job, { state: 'queued', runAt: this.oracle.now, leaseUntil: null })
    job.attempt--
    return true
  }

  /** Jobs whose worker went silent are for others again. Answers which. */
  requeueLost(): string[] {
    const { now } = this.oracle
    const lost = this.all().filter(
      ({ state, leaseUntil, cancelRequested }) =>
        state === 'running' && leaseUntil! < now && !cancelRequested
    )
    for (const job of lost) Object.assign(job, { state: 'queued', runAt: now, leaseUntil: null })
    return lost.map(({ id }) => id)
  }

  finish(lease: Lease, { state, cost, measures }: Outcome): EndAnswer {
    const job = this.of(lease.account, lease.id)
    if (job.token !== lease.token) return { outcome: 'stale' }
    if (isFinal(job)) return this.#resolved(lease.account, job)
    if (job.state !== 'running') return { outcome: 'stale' }
    const charged = this.#end(lease.account, job, state, {
      state: cost > 0n ? 'settled' : 'released',
      cost,
      measures,
      keepsExpired: state === 'failed',
    })
    const account = this.oracle.of(lease.account)
    if (cost > charged) account.losses.push(`${job.id} ${job.attempt} overrun ${cost - charged}`)
    account.addUsage(job.id, job.attempt, state, charged)
    return { outcome: 'finished', state, charged }
  }

  cancel(
    account: string,
    id: string
  ): EndAnswer | { outcome: 'canceled' | 'requested' | 'missing' } {
    const job = this.oracle.of(account).jobs.get(id)
    if (!job) return { outcome: 'missing' }
    if (isFinal(job)) return this.#resolved(account, job)
    job.cancelRequested = true
    if (job.state === 'running') return { outcome: 'requested' }
    job.token++
    this.#end(account, job, 'canceled', { state: 'released', cost: 0n, keepsExpired: false })
    return { outcome: 'canceled' }
  }

  /** Whether nobody will finish this job any more. */
  isOverdue(job: Job): boolean {
    const { now } = this.oracle
    if (isFinal(job)) return false
    const left = job.leaseUntil === null || job.leaseUntil < now
    return job.deadline <= now || (job.cancelRequested && left)
  }

  expire(account: string, id: string): EndAnswer {
    const job = this.of(account, id)
    if (isFinal(job)) return this.#resolved(account, job)
    if (!this.isOverdue(job)) return { outcome: 'stale' }
    const isLate = job.deadline <= this.oracle.now
    job.token++
    const state = isLate ? 'expired' : 'canceled'
    const hold = isLate ? 'expired' : 'released'
    this.#end(account, job, state, { state: hold, cost: 0n, keepsExpired: isLate })
    return { outcome: 'finished', state, charged: 0n }
  }

  /** The job, if this token still owns it. */
  #owned({ account, id, token }: Lease): Job | null {
    const job = this.oracle.of(account).jobs.get(id)
    return job && job.token === token && job.state === 'running' ? job : null
  }

  #resolved(account: string, job: Job): EndAnswer {
    const charged = this.oracle.of(account).holds.get(job.id)!.cost ?? 0n
    return { outcome: 'resolved', state: job.state, charged }
  }

  #end(id: string, job: Job, state: JobState, end: End): bigint {
    const account = this.oracle.of(id)
    const at = account.clock(this.oracle.now)
    const charged = endHold(account, account.holds.get(job.id)!, end, at)
    Object.assign(job, { state, leaseUntil: null, handle: false })
    return charged
  }
}

/** The gates of those that clear last. When something ends, nobody knows. */
function lastOf(gates: CounterState[], zone: string): string[] {
  const ends = gates.map((state) => clearsAt(state, zone))
  const last = Math.max(...ends.map((end) => end ?? -Infinity))
  return gates
    .filter((_, n) => ends[n] === null || ends[n] === last)
    .map(({ counter }) => gateOf(counter))
}
