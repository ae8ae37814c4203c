import type { Micros } from '../windows.js'
import type { ClawBack } from './claw_backs.js'
import type { DirectHold } from './direct_holds.js'
import type { Refund } from './refunds.js'
import type { Transfer } from './transfers.js'
import {
  compare,
  isExpired,
  least,
  sum,
  type Entry,
  type Grant,
  type Hold,
  type Job,
  type NewGrant,
  type Part,
} from './facts.js'
import { Limits } from './limits.js'

export const HOURS_72: Micros = 72 * 3_600_000_000

/** What one payer has, and the moves that all verbs are made of. */
export class Account {
  grants: Grant[] = []
  entries: Entry[] = []
  holds = new Map<string, Hold>()
  jobs = new Map<string, Job>()
  directHolds = new Map<string, DirectHold>()
  limits = new Limits()
  /** What an idempotency key was used for: one key names one thing. */
  keys = new Map<string, { hash: string; names: string }>()
  refunds = new Map<string, Refund>()
  /** What each reference corrected. */
  corrections = new Map<string, bigint>()
  clawBacks = new Map<string, ClawBack>()
  transfers = new Map<string, Transfer>()
  /** What it had at moments that are over. */
  past: { at: Micros; balance: ReturnType<Account['balance']> }[] = []
  losses: string[] = []
  usage: string[] = []
  overdraft = 0n
  closed = false
  #lastEntryAt = -Infinity
  /** How far its clock has ever been. */
  #latest = -Infinity

  constructor(
    readonly id: string,
    /** Of windows that open from now on. */
    public zone: string
  ) {}

  /** An account's own clock never runs back. */
  clock(now: Micros): Micros {
    return Math.max(now, this.#lastEntryAt)
  }

  available(): bigint {
    return sum(this.grants.map(({ remaining }) => remaining))
  }

  held(): bigint {
    return sum(this.grants.map(({ held }) => held))
  }

  /** What a balance says: grants that are past their expiry do not count. */
  balance(at: Micros) {
    const live = this.grants.filter((grant) => !isExpired(grant, at))
    return {
      available: sum(live.map(({ remaining }) => remaining)),
      held: this.held(),
      overdraft: this.overdraft,
    }
  }

  /** A moment is over once the clock has gone on. One before what was done already never was. */
  remember(now: Micros, next: Micros) {
    this.#latest = Math.max(this.#latest, this.clock(now))
    if (next > now && this.#latest === now) this.past.push({ at: now, balance: this.balance(now) })
    this.past = this.past.filter(({ at }) => at < next)
  }

  grantOf(id: string): Grant {
    return this.grants.find((grant) => grant.id === id)!
  }

  grantBy(ref: string): Grant | undefined {
    return this.grants.find((grant) => grant.ref === ref)
  }

  /** Credits that come in: whatever does is a grant. */
  add({ parent = null, ...grant }: NewGrant, at: Micros, kind: 'grant' | 'transfer_in' = 'grant') {
    const { id, amount } = grant
    this.grants.push({ ...grant, parent, remaining: amount, held: 0n })
    this.write({ kind, amount, grant: id, hold: null, at })
  }

  /** Into a grant or out of it; without a grant, into the debt or out of it. */
  move({ kind, at, hold = null }: Movement, [grant, amount]: Part) {
    if (grant === null) this.overdraft -= amount
    else this.grantOf(grant).remaining += amount
    this.write({ kind, amount, grant, hold, at })
  }

  write(entry: Entry) {
    this.entries.push(entry)
    this.#lastEntryAt = entry.at
  }

  /** What has something left, in the order in which grants are drawn from. */
  inDrawOrder(): Grant[] {
    return this.grants
      .filter(({ remaining }) => remaining > 0n)
      .sort(
        (a, b) =>
          a.priority - b.priority ||
          compare(a.expiresAt ?? Infinity, b.expiresAt ?? Infinity) ||
          compare(a.id, b.id)
      )
  }

  /** Out of these, in their order, until it suffices. Answers what each gave. */
  draw(movement: Movement, wanted: bigint, grants = this.inDrawOrder()): Part[] {
    const parts: Part[] = []
    for (const { id, remaining } of grants) {
      const amount = least(wanted, remaining)
      if (amount === 0n) break
      this.move(movement, [id, -amount])
      parts.push([id, amount])
      wanted -= amount
    }
    return parts
  }

  /** Every return of credit repays what is owed first. */
  repay(at: Micros) {
    const owed = least(this.overdraft, this.available())
    if (owed === 0n) return
    this.draw({ kind: 'repay', at }, owed)
    this.move({ kind: 'repay', at }, [null, owed])
  }

  /**
   * What of the parts came back to grants whose time has passed and has repaid no debt lives on as a
   * refund grant, once per chain. `kept` says under which name, or that it does not.
   */
  endReturns(parts: Part[], at: Micros, kept: { source: string; name: string } | null) {
    for (const [id, part] of kept ? parts : []) {
      const dead = this.grants.find((grant) => grant.id === id)
      if (!dead || !isExpired(dead, at) || dead.parent !== null) continue
      const amount = least(part, dead.remaining)
      if (amount === 0n) continue
      const child = `${dead.id}:${kept!.name}`
      this.add(
        {
          id: child,
          ref: `${kept!.source}:${child}`,
          kind: 'refund',
          amount,
          priority: dead.priority,
          expiresAt: Math.max(dead.expiresAt!, at + HOURS_72),
          parent: dead.id,
          only: dead.only,
        },
        at
      )
    }
    this.expireDue(at)
  }

  /** Answers how many grants ended. */
  expireDue(at: Micros): number {
    const due = this.grants.filter((grant) => grant.remaining > 0n && isExpired(grant, at))
    for (const { id, remaining } of due) this.move({ kind: 'expire', at }, [id, -remaining])
    return due.length
  }

  addUsage(job: string, attempt: number, status: string, price: bigint) {
    if (this.usage.some((line) => line.startsWith(`${job} ${attempt} `))) return
    this.usage.push(`${job} ${attempt} ${status} ${price}`)
  }
}

/** What the entries of one verb have in common. */
export interface Movement {
  kind: Entry['kind']
  at: Micros
  hold?: string | null
}
