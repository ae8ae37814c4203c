import type { Micros } from '../windows.js'
import { Account } from './account.js'
import { DirectHolds } from './direct_holds.js'
import type { NewGrant } from './facts.js'
import { Jobs } from './jobs.js'

export type GrantAnswer =
  { outcome: 'granted' | 'exists'; id: string } | { outcome: 'closed' | 'past' }

/**
 * The ledger in memory, one call after the other: what its design promises, written from the
 * promises and not from the SQL that keeps them. Amounts are micro-credits, times microseconds
 * since 1970. It is slow, plain, and the judge. The verbs beyond these stand beside it, a file each.
 */
export class Oracle {
  readonly accounts = new Map<string, Account>()
  readonly jobs = new Jobs(this)
  readonly directHolds = new DirectHolds(this)
  /** The database's clock. An account's own never runs back. */
  now: Micros = 0
  /** How far the application's clock is ahead of it. Only what the application asks for goes by that. */
  skew: Micros = 0

  get appNow(): Micros {
    return this.now + this.skew
  }

  /** Moves the clock, and remembers what each account had before. */
  wait(lasts: Micros) {
    for (const account of this.accounts.values()) account.remember(this.now, this.now + lasts)
    this.now += lasts
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
    const known = account.grantBy(grant.ref)
    if (known) return { outcome: 'exists', id: known.id }
    const at = account.clock(this.now)
    if (account.closed) return { outcome: 'closed' }
    if (grant.expiresAt !== null && grant.expiresAt <= at) return { outcome: 'past' }
    account.add(grant, at)
    account.repay(at)
    return { outcome: 'granted', id: grant.id }
  }

  /** Writes the expiry of what is due. Answers how many grants ended. */
  expireGrants(id: string): number {
    const account = this.of(id)
    return account.expireDue(account.clock(this.now))
  }
}
