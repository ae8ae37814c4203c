import { JointCall } from '#adapters/postgres/joint_call'
import { json, type Sql } from '#adapters/postgres/sql'
import type { LimitRow, RefusalRow } from './mapping.js'

/** An answer of the hold call: all would do, but what the account has leased of these budgets. */
export interface Short {
  outcome: 'short'
  leases: LimitRow[]
}

interface Want {
  account: string
  leases: LimitRow[]
  again: boolean
}

type Lease = { outcome: 'leased'; observed: LimitRow[] | null } | Refused

interface Refused {
  outcome: 'refused'
  refusal: RefusalRow
}

/** What became of a call, and the budgets that only observe and would have refused it. */
export interface Leased<Answer> {
  answer: Exclude<Answer, { outcome: 'short' }>
  observed: LimitRow[]
}

/** How often a call leases more. Only others of its account, in other processes, can take what came for it. */
const TRIES = 5

/**
 * Leases of budgets over all accounts, for calls that had too little. Those of one moment travel
 * together, and those of one account never at once: each finds what the one before has leased.
 */
export class Leases {
  readonly #trips: JointCall<Want, Lease>

  constructor(private readonly sql: Sql) {
    this.#trips = new JointCall(
      (wants) => this.#lease(wants),
      ({ account }) => account
    )
  }

  /** Asks, and while the account has too little, leases more and asks again. */
  async within<Answer extends { outcome: string }>(
    account: string,
    ask: () => Promise<Answer>
  ): Promise<Leased<Answer>> {
    let observed: LimitRow[] = []
    for (let tries = 0; ; tries++) {
      const answer = await ask()
      if (!isShort(answer)) {
        return { answer: answer as Exclude<Answer, { outcome: 'short' }>, observed }
      }
      const lease = await this.#more({ account, leases: answer.leases, again: tries > 0 }, tries)
      if (lease.outcome === 'refused') {
        // What else the call was told stays: the rooms of its other limits.
        return { answer: { ...answer, ...lease } as never, observed }
      }
      observed = lease.observed ?? observed
    }
  }

  async #more(want: Want, tries: number): Promise<Lease> {
    if (tries < TRIES) return this.#trips.call(want)
    return { outcome: 'refused', refusal: { type: 'limit_exceeded', ...want.leases[0] } }
  }

  /** Two transactions and never one: nobody has an account and a budget at once. */
  async #lease(wants: Want[]): Promise<Lease[]> {
    const { answers } = await this.sql.row<{ answers: Lease[] }>(
      'select budget_lease($1) as answers',
      [json(wants)]
    )
    const accounts = new Set(
      wants.filter((_, n) => answers[n].outcome === 'leased').map(({ account }) => account)
    )
    await Promise.all(
      [...accounts].map((account) => this.sql.rows('select budget_arrive($1)', [account]))
    )
    return answers
  }
}

function isShort(answer: { outcome: string }): answer is Short {
  return answer.outcome === 'short'
}
