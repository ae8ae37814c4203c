import { Credits } from '#core/ledger/credits'
import {
  DirectHolds,
  type DirectHold,
  type DirectHoldEnd,
  type DirectHoldRequest,
  type DirectHoldResult,
} from '#core/ledger/direct_holds'
import { AmountFault } from '#core/ledger/errors'
import type { Ledger } from '#core/ledger/ledger'
import type { Actor, HoldState } from '#core/ledger/types'
import { columnsOf } from '#adapters/postgres/columns'
import { JointVerb, type Busy } from '#adapters/postgres/joint_verb'
import { json, type Sql } from '#adapters/postgres/sql'
import { startColumns, type Start } from '#adapters/queue/joint_starts'
import { Leases, type Short } from '#adapters/quota/leases'
import { refusalOf, type RefusalRow } from '#adapters/quota/mapping'
import { faultOf } from './requests.js'

type OpenAnswer =
  | Short
  | { outcome: 'held' }
  | { outcome: 'exists' | 'conflict'; hold: string }
  | { outcome: 'refused'; refusal: RefusalRow }

type EndAnswer =
  | { outcome: 'now' | 'resolved'; state: HoldState }
  | { outcome: 'too_much'; held: string }
  | { outcome: 'open' | 'missing' }

/** By the attributes of the composite type `direct_ends`. */
interface EndParameter {
  account_id: string
  hold_id: string
  actor: Actor
  state: HoldState
  cost_micro: bigint | null
}

interface AboutRow {
  description: string | null
  metadata: Record<string, string>
  created_at: Date
}

interface End {
  accountId: string
  holdId: string
  actor: Actor
}

const HELD = { outcome: 'held' } as const

/** The functions of `65_direct_holds.sql`, which compose those of the ledger; each for all of one moment. */
export class PostgresDirectHolds extends DirectHolds {
  readonly #openings: JointVerb<Start, OpenAnswer>
  readonly #leases: Leases
  readonly #ends: JointVerb<EndParameter, EndAnswer>

  constructor(
    private readonly sql: Sql,
    private readonly ledger: Ledger
  ) {
    super()
    this.#leases = new Leases(sql)
    const ask = async <Answer>(verb: string, parameter: unknown, patient: boolean) => {
      const values = [json(parameter), patient]
      return sql.row<{ answers: Answer[] }>(`select ${verb}($1, $2) as answers`, values)
    }
    this.#openings = new JointVerb({
      accountOf: ({ account_id: accountId }) => accountId,
      async ask(openings, patient) {
        const { answers } = await ask<OpenAnswer | Busy | null>(
          'direct_hold_open',
          startColumns(openings),
          patient
        )
        return answers.map((answer) => answer ?? HELD)
      },
    })
    this.#ends = new JointVerb({
      accountOf: ({ account_id: accountId }) => accountId,
      async ask(ends, patient) {
        const { answers } = await ask<EndAnswer | Busy>(
          'direct_hold_resolve',
          columnsOf(ends),
          patient
        )
        return answers
      },
    })
  }

  async open(request: DirectHoldRequest): Promise<DirectHoldResult> {
    const { accountId, holdId, amount } = request
    if (amount.micro <= 0n) {
      throw new AmountFault(`A hold of ${amount} keeps nothing. Use an amount above zero.`)
    }
    const opening = openingParameter(request)
    const { answer } = await this.#leases
      .within(accountId, () => this.#openings.call(opening))
      .catch((error) => {
        throw faultOf(error, { accountId })
      })
    switch (answer.outcome) {
      case 'refused':
        return { outcome: 'refused', refusal: refusalOf(answer.refusal) }
      case 'conflict':
        return { outcome: 'conflict', usedFor: answer.hold }
      case 'exists':
        return { outcome: 'exists', holdId: answer.hold }
      case 'held':
        return { outcome: 'held', holdId }
    }
  }

  async settle({ cost, ...end }: End & { cost: Credits }) {
    if (cost.micro < 0n) {
      throw new AmountFault(`A cost of ${cost} is none. Use zero or an amount above it.`)
    }
    return this.#end(end, { state: 'settled', cost_micro: cost.micro })
  }

  async release(end: End) {
    return this.#end(end, { state: 'released', cost_micro: null })
  }

  async find(accountId: string, holdId: string): Promise<DirectHold | null> {
    const about = await this.sql.row<AboutRow | undefined>(
      `select description, metadata, created_at from direct_holds
       where account_id = $1 and id = $2`,
      [accountId, holdId]
    )
    const hold = about && (await this.ledger.hold(accountId, holdId))
    if (!hold) return null
    const { description, metadata, created_at: createdAt } = about
    return { ...hold, accountId, description, metadata, createdAt }
  }

  async expire(ref: { accountId: string; holdId: string }) {
    return this.#end({ ...ref, actor: 'system:sweeper' }, { state: 'expired', cost_micro: null })
  }

  async due(limit: number) {
    const rows = await this.sql.rows<{ account_id: string; id: string }>(
      'select account_id, id from direct_holds where due <= clock_timestamp() order by due limit $1',
      [limit]
    )
    return rows.map(({ account_id: accountId, id: holdId }) => ({ accountId, holdId }))
  }

  async #end(
    { accountId, holdId, actor }: End,
    how: Pick<EndParameter, 'state' | 'cost_micro'>
  ): Promise<DirectHoldEnd> {
    const answer = await this.#ends.call({ account_id: accountId, hold_id: holdId, actor, ...how })
    if (answer.outcome !== 'too_much') return answer
    return { outcome: 'too_much', held: Credits.fromMicro(answer.held) }
  }
}

function openingParameter(request: DirectHoldRequest): Start {
  const { accountId, amount, keyId, userId, idempotency } = request
  return {
    account_id: accountId,
    job_id: request.holdId,
    amount_micro: amount.micro,
    expires_in: request.expiresInSeconds,
    subject: { org: accountId, key: keyId, user: userId },
    needs: { requests: '1', concurrency: '1', credits: amount.micro },
    limits: request.limits,
    description: request.description,
    metadata: request.metadata,
    idempotency_key: idempotency?.key ?? null,
    request_hash: idempotency?.requestHash ?? null,
  }
}
