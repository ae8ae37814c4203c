import { test } from '@japa/runner'
import { credits, outcomeOf, startRequest, started } from './requests.js'
import { indebt } from '../ledger/movements.js'
import type { World } from './world.js'

export function refusingSuite(world: () => World) {
  test('too little credit is refused with the numbers, and nothing is written', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '5' })
    await started(world(), account, { hold: '2' })
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account, { hold: '3.000001' }))

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: {
        type: 'insufficient_credits',
        needed: credits('3.000001'),
        available: credits('3'),
        held: credits('2'),
      },
    })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('credit that has expired is no credit, and a refusal does not write its end', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '5' })
    const [grant] = await world().grants(account)
    await world().endGrant(account, grant.id)
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account))

    assert.equal(outcomeOf(result), 'insufficient_credits')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a reached limit is refused with the rule and its numbers, and nothing is written', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    await world().setRule(account, {
      scope: 'org',
      measure: 'credits',
      window: 'total',
      limit: 5_000_000n,
    })
    await started(world(), account, { hold: '4' })
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account, { hold: '1.5' }))

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: {
        type: 'limit_exceeded',
        retryAfterSeconds: null,
        limit: {
          rule: 'org_credits_per_total',
          scope: 'org',
          scopeId: account,
          measure: 'credits',
          window: 'total',
          limit: 5_000_000n,
          used: 0n,
          held: 4_000_000n,
          needed: 1_500_000n,
          clearsAt: null,
        },
      },
    })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a closed account is refused, and nothing is written', async ({ assert }) => {
    const account = await world().newAccount()
    await world().ledger.setState(account, 'closed')
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account))

    assert.deepEqual(result, { outcome: 'refused', refusal: { type: 'account_closed' } })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('an account in debt is refused even what costs nothing, and nothing is written', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    await indebt(world(), account, '0.5')
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account, { hold: '0' }))

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: { type: 'account_in_debt', overdraft: credits('0.5') },
    })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a key that is {case} is refused, and nothing is written')
    .with([{ case: 'revoked' }, { case: 'unknown' }, { case: 'of another organisation' }])
    .run(async ({ assert }, { case: name }) => {
      const account = await world().newAccount()
      const keys: Record<string, () => Promise<string>> = {
        'revoked': async () => {
          const key = await world().newKey(account)
          await world().revokeKey(key)
          return key
        },
        'unknown': async () => 'key_unknown',
        'of another organisation': async () => world().newKey(await world().newAccount()),
      }
      const keyId = await keys[name]()
      const before = await world().snapshot(account)

      const result = await world().metered.start(startRequest(account, { keyId }))

      assert.deepEqual(result, { outcome: 'refused', refusal: { type: 'key_revoked' } })
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('an account that was never opened is a fault', async ({ assert }) => {
    await assert.rejects(
      () => world().metered.start(startRequest('org_never_opened')),
      /no account org_never_opened/
    )
  })

  test('a refusal does not use its idempotency key up', async ({ assert }) => {
    const account = await world().newAccount({ credits: '1' })
    const idempotency = { key: 'try', requestHash: 'a' }
    const first = await world().metered.start(startRequest(account, { hold: '2', idempotency }))
    await world().ledger.grant({
      accountId: account,
      kind: 'topup',
      amount: credits('1'),
      source: 'shop',
      sourceRef: 'order',
      actor: 'system:shop',
      reason: 'topped up',
    })

    const second = await world().metered.start(startRequest(account, { hold: '2', idempotency }))

    assert.deepEqual([outcomeOf(first), outcomeOf(second)], ['insufficient_credits', 'started'])
  })
}
