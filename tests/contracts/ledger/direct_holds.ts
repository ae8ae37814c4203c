import { test } from '@japa/runner'
import type { DirectHoldRequest } from '#core/ledger/direct_holds'
import { newId } from '#core/ids'
import { countOf, credits, startRequest } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { bucketsOf, granted, indebt, refundRequest, story } from './movements.js'

type Options = Partial<Omit<DirectHoldRequest, 'amount'>> & { amount?: string }

export function directHoldsSuite(world: () => World) {
  const open = (accountId: string, { amount = '3', ...options }: Options = {}) =>
    world().directHolds.open({
      accountId,
      holdId: newId('hld'),
      amount: credits(amount),
      expiresInSeconds: 60,
      keyId: null,
      userId: null,
      limits: [],
      description: null,
      metadata: {},
      idempotency: null,
      ...options,
    })
  async function opened(accountId: string, options?: Options): Promise<string> {
    const result = await open(accountId, options)
    if (result.outcome !== 'held') throw new Error(`not held: ${result.outcome}`)
    return result.holdId
  }
  const settle = (accountId: string, holdId: string, cost: string) =>
    world().directHolds.settle({ accountId, holdId, cost: credits(cost), actor: 'key:key_a' })
  const release = (accountId: string, holdId: string) =>
    world().directHolds.release({ accountId, holdId, actor: 'key:key_a' })

  test('a hold sets aside, is settled at its cost, and returns the rest', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const metadata = { order: '7' }
    const holdId = await opened(account, { amount: '4', description: 'a print', metadata })
    const during = await bucketsOf(world(), account)

    const end = await settle(account, holdId, '2.5')

    assert.deepEqual(during, ['6', '4', '0'])
    assert.deepEqual(end, { outcome: 'now', state: 'settled' })
    assert.deepEqual(await bucketsOf(world(), account), ['7.5', '0', '0'])
    assert.deepEqual(await story(world(), account), ['grant 10', 'consume -2.5'])
    const hold = await world().directHolds.find(account, holdId)
    assert.deepInclude(hold, {
      state: 'settled',
      amount: credits('4'),
      cost: credits('2.5'),
      description: 'a print',
      metadata,
    })
    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'succeeded', credits: '2.5' },
    ])
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.deepInclude(entry, { holdId, actor: 'key:key_a' })
  })

  test('it may cost all of the hold, and nothing', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })

    await settle(account, await opened(account), '3')
    await settle(account, await opened(account), '0')

    assert.deepEqual(await bucketsOf(world(), account), ['7', '0', '0'])
  })

  test('more than the hold is not charged: nothing is written', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const holdId = await opened(account)
    const before = await world().snapshot(account)

    const end = await settle(account, holdId, '3.000001')

    assert.deepEqual(end, { outcome: 'too_much', held: credits('3') })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the first end is final, whatever is asked after it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const settled = await opened(account)
    const released = await opened(account)
    await settle(account, settled, '1')
    await release(account, released)
    const before = await world().snapshot(account)

    const resolved = (state: string) => ({ outcome: 'resolved', state })
    assert.deepEqual(await settle(account, settled, '2'), resolved('settled') as never)
    assert.deepEqual(await release(account, settled), resolved('settled') as never)
    assert.deepEqual(await settle(account, released, '2'), resolved('released') as never)
    assert.deepEqual(await settle(account, released, '99'), resolved('released') as never)
    assert.deepEqual(await release(account, released), resolved('released') as never)
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of settlements and releases at once, one ends it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const holdId = await opened(account)

    const ends = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 2 ? settle(account, holdId, '1') : release(account, holdId)
      )
    )

    const outcomes = ends.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'now'), 1)
    const hold = await world().directHolds.find(account, holdId)
    const left = hold!.state === 'settled' ? '9' : '10'
    assert.deepEqual(await bucketsOf(world(), account), [left, '0', '0'])
  })

  test('a hold whose time has passed is found, and returned once', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const open1 = await opened(account)
    const late = await opened(account)
    await world().endHold(account, late)

    const due = await world().directHolds.due(10)
    const early = await world().directHolds.expire({ accountId: account, holdId: open1 })
    const ends = await Promise.all(due.map((ref) => world().directHolds.expire(ref)))
    const again = await world().directHolds.expire(due[0])

    assert.deepEqual(due, [{ accountId: account, holdId: late }])
    assert.deepEqual(early, { outcome: 'open' })
    assert.deepEqual(ends, [{ outcome: 'now', state: 'expired' }])
    assert.deepEqual(again, { outcome: 'resolved', state: 'expired' })
    assert.deepEqual(await world().directHolds.due(10), [])
    assert.deepEqual(await bucketsOf(world(), account), ['7', '3', '0'])
  })

  test('who settles after the time has passed is told so, and charged nothing', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const late = await opened(account)
    await world().endHold(account, late)

    const end = await settle(account, late, '2')

    assert.deepEqual(end, { outcome: 'resolved', state: 'expired' })
    assert.deepEqual(await bucketsOf(world(), account), ['10', '0', '0'])
  })

  test('what returns to an expired grant expires: nobody else let the time pass', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    const grantId = await granted(world(), account, { amount: '10' })
    const holds = [await opened(account), await opened(account)]
    await world().endGrant(account, grantId)
    await world().endHold(account, holds[1])

    await release(account, holds[0])
    await world().directHolds.expire({ accountId: account, holdId: holds[1] })

    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '0'])
  })

  test('a grant for some models does not pay for it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    const restrictedTo = { models: ['acme/painter'], kinds: ['image'] }
    await granted(world(), account, { amount: '10', restrictedTo })

    const result = await open(account)

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: {
        type: 'insufficient_credits',
        needed: credits('3'),
        available: credits('0'),
        held: credits('0'),
      },
    })
  })

  test('it can be refunded like any other', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const holdId = await opened(account)
    await settle(account, holdId, '3')

    await world().ledger.refund(refundRequest(account, holdId, { amount: '1' }))

    assert.deepEqual(await bucketsOf(world(), account), ['8', '0', '0'])
  })

  test('limits count it: calls, budgets and how many at once', async ({ assert }) => {
    const account = await world().newAccount({ credits: '100' })
    const rule = { scope: 'org', window: 'total' } as const
    await world().setRule(account, { ...rule, measure: 'credits', limit: 5_000_000n })
    await world().setRule(account, { ...rule, measure: 'concurrency', limit: 2n })
    const first = await opened(account)

    const overBudget = await open(account, { amount: '2.000001' })
    await settle(account, first, '0.5')
    const second = await opened(account)
    await opened(account, { amount: '1' })
    const third = await open(account, { amount: '0.000001' })
    await release(account, second)
    const again = await open(account, { amount: '0.000001' })

    const ruleOf = (result: Awaited<ReturnType<typeof open>>) =>
      result.outcome === 'refused' && result.refusal.type === 'limit_exceeded'
        ? result.refusal.limit.rule
        : result.outcome
    assert.equal(ruleOf(overBudget), 'org_credits_per_total')
    assert.equal(ruleOf(third), 'org_concurrency_per_total')
    assert.equal(ruleOf(again), 'held')
  })

  test('{title} is refused, and nothing is written')
    .with([
      { title: 'a closed account', type: 'account_closed' },
      { title: 'an account in debt', type: 'account_in_debt' },
      { title: 'too little credit', type: 'insufficient_credits' },
      { title: 'a revoked key', type: 'key_revoked' },
    ])
    .run(async ({ assert }, { type }) => {
      const isPoor = type === 'account_in_debt' || type === 'insufficient_credits'
      const account = await world().newAccount({ credits: isPoor ? '0' : '10' })
      const keyId = await world().newKey(account)
      if (type === 'account_closed') await world().ledger.setState(account, 'closed')
      if (type === 'account_in_debt') await indebt(world(), account, '1')
      if (type === 'key_revoked') await world().revokeKey(keyId)
      const before = await world().snapshot(account)

      const result = await open(account, { keyId })

      assert.equal(result.outcome === 'refused' && result.refusal.type, type)
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('a key of the caller’s own makes a repeat answer with the first hold', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const idempotency = { key: 'order-7', requestHash: 'same' }
    const first = await opened(account, { idempotency })
    await settle(account, first, '3')
    await world().ledger.setState(account, 'closed')
    const before = await world().snapshot(account)

    const again = await open(account, { idempotency })
    const other = await open(account, { idempotency: { key: 'order-7', requestHash: 'other' } })

    assert.deepEqual(again, { outcome: 'exists', holdId: first })
    assert.deepEqual(other, { outcome: 'conflict', usedFor: first })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of ten holds at once with one key, one is held', async ({ assert }) => {
    const account = await world().newAccount({ credits: '100' })

    for (let round = 1; round <= 5; round++) {
      const idempotency = { key: `order-${round}`, requestHash: 'same' }
      const results = await Promise.all(
        Array.from({ length: 10 }, () => open(account, { idempotency }))
      )
      const outcomes = results.map(({ outcome }) => outcome)
      assert.equal(countOf(outcomes, 'held'), 1)
      assert.equal(countOf(outcomes, 'exists'), 9)
    }
    assert.deepEqual(await bucketsOf(world(), account), ['85', '15', '0'])
  })

  test('and a key that a direct hold was opened with is taken for generations', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const idempotency = { key: 'order-7', requestHash: 'same' }
    const holdId = await opened(account, { idempotency })

    const result = await world().metered.start(startRequest(account, { idempotency }))

    assert.deepEqual(result, { outcome: 'conflict', generationId: holdId })
    assert.deepEqual(await bucketsOf(world(), account), ['7', '3', '0'])
  })

  test('a key that a generation was started with is taken', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const idempotency = { key: 'order-7', requestHash: 'same' }
    const start = startRequest(account, { idempotency })
    await world().metered.start(start)

    const result = await open(account, { idempotency })

    assert.deepEqual(result, { outcome: 'conflict', usedFor: start.generationId })
  })

  test('of many at once on a small balance, those that fit are held', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })

    const results = await Promise.all(Array.from({ length: 10 }, () => open(account)))

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'held'), 3)
    assert.deepEqual(await bucketsOf(world(), account), ['1', '9', '0'])
  })

  test('a generation’s hold and another account’s are none', async ({ assert }) => {
    const [account, stranger] = [await world().newAccount(), await world().newAccount()]
    const start = startRequest(account)
    await world().metered.start(start)
    const own = await opened(account)

    for (const [id, hold] of [
      [account, start.jobId],
      [stranger, own],
      [account, 'hld_none'],
    ]) {
      assert.deepEqual(await settle(id, hold, '1'), { outcome: 'missing' })
      assert.deepEqual(await release(id, hold), { outcome: 'missing' })
      assert.isNull(await world().directHolds.find(id, hold))
    }
    assert.deepEqual(await bucketsOf(world(), account), ['96', '4', '0'])
  })

  test('{amount} credits are a fault by name, and write nothing')
    .with([{ amount: '0' }, { amount: '-1' }])
    .run(async ({ assert }, { amount }) => {
      const account = await world().newAccount()
      const holdId = await opened(account)
      const before = await world().snapshot(account)

      const held = await open(account, { amount }).catch((error) => error)
      const settled = await settle(account, holdId, '-0.000001').catch((error) => error)

      assert.equal(held.code, 'E_AMOUNT_INVALID')
      assert.equal(settled.code, 'E_AMOUNT_INVALID')
      assert.deepEqual(await world().snapshot(account), before)
    })
}
