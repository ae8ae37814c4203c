import { test } from '@japa/runner'
import { indebt } from '../ledger/movements.js'
import {
  balanceOf,
  countOf,
  finishRequest,
  outcomeOf,
  running,
  startRequest,
  started,
} from './requests.js'
import type { World } from './world.js'

export function repeatingSuite(world: () => World) {
  const idempotency = { key: 'once', requestHash: 'same' }

  test('the same key with the same request is the same generation, and writes nothing', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const first = await started(world(), account, { idempotency })
    const before = await world().snapshot(account)

    const second = await world().metered.start(startRequest(account, { idempotency }))

    assert.deepEqual(second, {
      outcome: 'exists',
      generationId: first.generationId,
      jobId: first.jobId,
    })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the same key with another request is a conflict, and writes nothing', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const first = await started(world(), account, { idempotency })
    const before = await world().snapshot(account)

    const second = await world().metered.start(
      startRequest(account, { idempotency: { ...idempotency, requestHash: 'other' } })
    )

    assert.deepEqual(second, { outcome: 'conflict', generationId: first.generationId })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the key is remembered after the end, and on an account that could pay no more', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '1' })
    const job = await running(world(), account, { hold: '1', idempotency })
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    await world().ledger.setState(account, 'closed')

    const again = await world().metered.start(startRequest(account, { hold: '1', idempotency }))

    assert.deepInclude(again, { outcome: 'exists', jobId: job.id })
  })

  test('a repeat of what was accepted is answered although the account owes by now; what is new is refused', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '1' })
    const first = await started(world(), account, { hold: '1', idempotency })
    await indebt(world(), account, '0.5')
    const before = await world().snapshot(account)

    const repeat = await world().metered.start(startRequest(account, { idempotency }))
    const other = await world().metered.start(
      startRequest(account, { idempotency: { key: 'twice', requestHash: 'same' } })
    )

    assert.deepInclude(repeat, { outcome: 'exists', generationId: first.generationId })
    assert.equal(outcomeOf(other), 'account_in_debt')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the same key is another one for another organisation', async ({ assert }) => {
    const [one, other] = [await world().newAccount(), await world().newAccount()]
    await started(world(), one, { idempotency })

    const result = await world().metered.start(startRequest(other, { idempotency }))

    assert.equal(result.outcome, 'started')
  })

  test('of two starts at once with one key, one starts and one finds it', async ({ assert }) => {
    for (let round = 0; round < 15; round++) {
      const account = await world().newAccount()

      const results = await Promise.all(
        [1, 2].map(() => world().metered.start(startRequest(account, { idempotency })))
      )

      assert.sameMembers(results.map(outcomeOf), ['started', 'exists'])
      assert.equal(new Set(results.map((result) => 'jobId' in result && result.jobId)).size, 1)
      assert.deepEqual(await balanceOf(world(), account), { available: '99', held: '1' })
    }
  })

  test('a job id is taken once: whoever brings it again fails whole', async ({ assert }) => {
    const account = await world().newAccount()
    const request = startRequest(account)
    await world().metered.start(request)
    const before = await world().snapshot(account)

    await assert.rejects(() => world().metered.start(request))

    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of fifty starts at once on a balance for seven, seven start', async ({ assert }) => {
    const account = await world().newAccount({ credits: '7' })

    const results = await Promise.all(
      Array.from({ length: 50 }, () => world().metered.start(startRequest(account)))
    )

    const outcomes = results.map(outcomeOf)
    assert.equal(countOf(outcomes, 'started'), 7)
    assert.equal(countOf(outcomes, 'insufficient_credits'), 43)
    assert.deepEqual(await balanceOf(world(), account), { available: '0', held: '7' })
  })

  test('starts of different sizes at once never hold more than there is', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const sizes = ['3', '0.5', '4', '2.25', '1', '0.000001']

    const results = await Promise.all(
      Array.from({ length: 36 }, (_, index) =>
        world().metered.start(startRequest(account, { hold: sizes[index % sizes.length] }))
      )
    )

    const held = results.reduce(
      (sum, result, index) =>
        result.outcome === 'started' ? sum + Number(sizes[index % sizes.length]) : sum,
      0
    )
    const balance = await balanceOf(world(), account)
    assert.equal(Number(balance.held).toFixed(6), held.toFixed(6))
    assert.equal((Number(balance.held) + Number(balance.available)).toFixed(6), '10.000000')
    assert.isBelow(Number(balance.available), 1)
  })

  test('a grant and starts at once lose nothing', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    const [grant] = await Promise.all([
      world()
        .neighbour()
        .then(async (other) => {
          const result = await other.ledger.grant({
            accountId: account,
            kind: 'topup',
            amount: startRequest(account, { hold: '3' }).hold,
            source: 'shop',
            sourceRef: 'order',
            actor: 'system:shop',
            reason: 'bought',
          })
          await other.close()
          return result
        }),
      ...Array.from({ length: 10 }, () => world().metered.start(startRequest(account))),
    ])

    const { available, held } = await balanceOf(world(), account)
    assert.equal(grant.outcome, 'granted')
    assert.equal(Number(available) + Number(held), 3)
  })
}
