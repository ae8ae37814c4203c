import { inject } from '@adonisjs/core'
import { Credits } from '#core/ledger/credits'
import { modeOf } from '#core/ledger/account_mode'
import { Ledger } from '#core/ledger/ledger'
import type { Actor } from '#core/ledger/types'

/** What a test account has after a refill, when it had less. */
const FULL = Credits.parse('1000')

interface RefillRequest {
  accountId: string
  actor: Actor
  /** Made by the form: a second press of the button grants nothing more. */
  reference: string
}

export type Refill =
  { outcome: 'granted'; amount: Credits } | { outcome: 'exists' | 'full' | 'live' }

/** Fills a test account up again. Never a live one. */
@inject()
export class RefillTestAccount {
  constructor(private readonly ledger: Ledger) {}

  async handle({ accountId, actor, reference }: RefillRequest): Promise<Refill> {
    if (modeOf(accountId) === 'live') return { outcome: 'live' }
    const { available, held } = await this.ledger.balance(accountId)
    const amount = FULL.minus(available).minus(held)
    if (amount.micro <= 0n) return { outcome: 'full' }
    const { outcome } = await this.ledger.grant({
      accountId,
      kind: 'promo',
      amount,
      source: 'test',
      sourceRef: reference,
      actor,
      reason: 'Test credits, which are worth nothing',
    })
    return outcome === 'granted' ? { outcome, amount } : { outcome }
  }
}
