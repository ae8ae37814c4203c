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
import type { Sql } from '#adapters/postgres/sql'
import { limitsParameter, refusalOf, type RefusalRow } from '#adapters/quota/mapping'
import { faultOf } from './requests.js'

type OpenAnswer =
  | { outcome: 'held' | 'exists' | 'conflict'; hold: string }
  | { outcome: 'refused'; refusal: RefusalRow }

type EndAnswer =
  | { outcome: 'now' | 'resolved'; state: HoldState }
  | { outcome: 'too_much'; held: string }
  | { outcome: 'open' | 'missing' }

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

/** The functions of `65_direct_holds.sql`, which compose those of the ledger. */
export class PostgresDirectHolds extends DirectHolds {
  constructor(
    private readonly sql: Sql,
    private readonly ledger: Ledger
  ) {
    super()
  }

  async open(request: DirectHoldRequest): Promise<DirectHoldResult> {
    const { accountId, amount, keyId, userId, idempotency } = request
    if (amount.micro <= 0n) {
      throw new AmountFault(`A hold of ${amount} keeps nothing. Use an amount above zero.`)
    }
    const answer = await this.sql
      .verb<OpenAnswer>('direct_hold_open', {
        account: accountId,
        id: request.holdId,
        amount: amount.micro,
        expires_in: request.expiresInSeconds,
        subject: { org: accountId, key: keyId, user: userId },
        needs: { requests: '1', concurrency: '1', credits: amount.micro },
        limits: limitsParameter(request.limits),
        description: request.description,
        metadata: request.metadata,
        idempotency_key: idempotency?.key ?? null,
        request_hash: idempotency?.requestHash ?? null,
      })
      .catch((error) => {
        throw faultOf(error, { accountId })
      })
    switch (answer.outcome) {
      case 'refused':
        return { outcome: 'refused', refusal: refusalOf(answer.refusal) }
      case 'conflict':
        return { outcome: 'conflict', usedFor: answer.hold }
      default:
        return { outcome: answer.outcome, holdId: answer.hold }
    }
  }

  async settle({ cost, ...end }: End & { cost: Credits }) {
    if (cost.micro < 0n) {
      throw new AmountFault(`A cost of ${cost} is none. Use zero or an amount above it.`)
    }
    return this.#end(end, { state: 'settled', cost: cost.micro })
  }

  async release(end: End) {
    return this.#end(end, { state: 'released' })
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
    return this.#end({ ...ref, actor: 'system:sweeper' }, { state: 'expired' })
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
    how: { state: HoldState; cost?: bigint }
  ): Promise<DirectHoldEnd> {
    const parameter = { account: accountId, hold: holdId, actor, ...how }
    const answer = await this.sql.verb<EndAnswer>('direct_hold_resolve', parameter)
    if (answer.outcome !== 'too_much') return answer
    return { outcome: 'too_much', held: Credits.fromMicro(answer.held) }
  }
}
