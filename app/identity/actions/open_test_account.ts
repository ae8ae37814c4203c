import { inject } from '@adonisjs/core'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import Organisation from '#app/identity/models/organisation'

/** What a test account begins with, and is refilled to. */
export const TEST_CREDITS = Credits.parse('1000')

/**
 * The test account of an organisation, made and filled with test credits when it has none yet. It
 * has the organisation's name and zone, and nothing else in common with it.
 */
@inject()
export class OpenTestAccount {
  constructor(private readonly ledger: Ledger) {}

  async handle(live: Organisation): Promise<Organisation> {
    const account = (await testAccountOf(live.id)) ?? (await this.#open(live))
    // Here as well where another call, or one that was cut off, made it.
    await this.ledger.grant({
      accountId: account.id,
      kind: 'promo',
      amount: TEST_CREDITS,
      source: 'test',
      sourceRef: 'seed',
      actor: 'system:test_mode',
      reason: 'Test credits, which are worth nothing',
    })
    return account
  }

  async #open({ id: testOf, name, timezone }: Organisation): Promise<Organisation> {
    const id = newId('tst')
    // First, because nobody misses an account without an organisation.
    await this.ledger.open(id, timezone)
    try {
      return await Organisation.create({ id, name, timezone, testOf })
    } catch (error) {
      // Of two at once, one comes second.
      const other = (error as { code?: string }).code === '23505' && (await testAccountOf(testOf))
      if (other) return other
      throw error
    }
  }
}

function testAccountOf(orgId: string): Promise<Organisation | null> {
  return Organisation.findBy('test_of', orgId)
}
