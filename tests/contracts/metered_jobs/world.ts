import type { AccountClock } from '#core/ledger/account_clock'
import type { DirectHolds } from '#core/ledger/direct_holds'
import type { Ledger } from '#core/ledger/ledger'
import type { Notices } from '#core/notices/notices'
import type { Plans } from '#core/plans/plans'
import type { JobQueue } from '#core/queue/job_queue'
import type { MeteredJobs } from '#core/queue/metered_jobs'
import type { JobTransaction } from '#core/queue/plain_jobs'
import type { JobRef, Lease } from '#core/queue/types'
import type { LimitRule, LimitWindow } from '#core/quota/limit_rule'
import type { BudgetKey, Budgets } from '#core/quota/budgets'
import type { Quota } from '#core/quota/quota'
import type { Streams } from '#core/streams/streams'

/** One process of an installation: the keepers of the contracts over shared rows. */
export interface Process {
  ledger: Ledger
  directHolds: DirectHolds
  metered: MeteredJobs
  queue: JobQueue
  streams: Streams
  quota: Quota
  budgets: Budgets
  notices: Notices
  plans: Plans
  clock: AccountClock
}

/**
 * What the suites of ledger, metered jobs, queue and streams need beside the contracts.
 * Nobody but the tests works on the jobs of a world. Time is moved by moving what waits
 * for it, so that no test has to.
 */
export interface World extends Process {
  /** A second process over the same rows, with no memory of the first. */
  neighbour(): Promise<Process & { close(): Promise<void> }>

  /** Where other processes find the same rows. */
  url(): Promise<string>

  newAccount(options?: { credits?: string; timezone?: string; test?: boolean }): Promise<string>
  newKey(accountId: string): Promise<string>
  revokeKey(keyId: string): Promise<void>
  setRule(
    accountId: string,
    rule: Omit<LimitRule, 'onExceed'> & Partial<Pick<LimitRule, 'onExceed'>> & { scopeId?: string }
  ): Promise<void>

  /** Everything that is kept of an account, comparable. */
  snapshot(accountId: string): Promise<unknown>
  losses(accountId: string): Promise<{ jobId: string; kind: string; credits: string }[]>
  usage(accountId: string): Promise<{ attempt: number; status: string; credits: string }[]>
  grants(accountId: string): Promise<GrantRow[]>
  /** Makes the windows that are open now those of yesterday. */
  moveToYesterday(accountId: string): Promise<void>
  /** What the one counter of yesterday says. */
  counterOfYesterday(accountId: string): Promise<{ used: bigint; held: bigint }>
  /** Makes the window of a budget that of yesterday, with all that was leased of it. */
  moveBudgetToYesterday(budget: BudgetKey): Promise<void>
  /** Leases, or gives back, and dies before the other half of it. */
  leaseHalfway(accountId: string, budget: BudgetKey, needed: bigint): Promise<void>
  giveBackHalfway(accountId: string): Promise<void>
  /** What all its counters say. */
  counters(
    accountId: string
  ): Promise<{ scopeId: string; measure: string; used: bigint; held: bigint }[]>
  /** How often a job was claimed and counted, and what it remembers. */
  job(ref: JobRef): Promise<{ state: string; attempt: number; handle: unknown }>

  /** Changes what a grant may pay for, as no verb does. */
  restrictGrant(
    accountId: string,
    grantId: string,
    to: { models?: string[]; kinds?: string[] }
  ): Promise<void>
  /** The bounds of the window that a moment falls in. */
  windowAt(size: LimitWindow, moment: string, zone: string): Promise<[string, string]>

  /** Forges what notices are about: a debt, a loss of 1.5 credits, what an organisation calls low. */
  forgeDebt(accountId: string, credits: string): Promise<void>
  forgeLoss(accountId: string, jobId: string): Promise<void>
  setLowBalance(accountId: string, credits: string): Promise<void>
  /** Makes the notices of an account minutes old, and answers how many nobody was told. */
  ageNotices(accountId: string): Promise<number>

  /** Lets a direct hold's time pass. */
  endHold(accountId: string, holdId: string): Promise<void>
  endGrant(accountId: string, grantId: string): Promise<void>
  endDeadline(ref: JobRef): Promise<void>
  endLease(ref: JobRef): Promise<void>
  /** Makes a job due that waits for its time. */
  endWait(ref: JobRef): Promise<void>
  /** When another task is owed for a job that waits, if tasks are pushed; and makes that now. */
  taskDue(ref: JobRef): Promise<Date>
  endTaskWait(ref: JobRef): Promise<void>
  /** Lets the time pass by which a job has to have begun. */
  endStart(ref: JobRef): Promise<void>
  setPriority(ref: JobRef, priority: number): Promise<void>
  /** Releases a hold past its job, as the functions that compose the ledger do. */
  resolveHold(ref: JobRef): Promise<string>
  /** Runs `task` in a transaction, and commits or undoes it as it says. */
  transaction(task: (transaction: JobTransaction) => Promise<'commit' | 'undo'>): Promise<void>
  /** Runs `task` while somebody else has the account. */
  whileLocked(accountId: string, task: () => Promise<void>): Promise<void>
  /** Writes a step of a job, runs `task`, and only then commits the step. */
  progressAround(lease: Lease, fraction: number, task: () => Promise<void>): Promise<void>
  /** Runs `task` while the job's hold is not live. */
  withoutHold(ref: JobRef, task: () => Promise<void>): Promise<void>

  /** Ways to forge the books, by name, each with a part of the invariant that must name it. */
  forgeries: Record<string, Forgery>

  /** Ends every open job, so that the next test finds none. */
  finishAll(): Promise<void>
}

export interface GrantRow {
  id: string
  kind: string
  remaining: string
  held: string
  parent: string | null
  expiresAt: Date | null
}

export interface Forgery {
  invariant: string
  /** Answers how to undo it. The account has a grant, and a settled and an open hold. */
  commit(accountId: string): Promise<() => Promise<void>>
}
