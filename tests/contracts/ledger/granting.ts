import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { GrantRequest } from '#core/ledger/types'
import { balanceOf, credits, outcomeOf, startRequest } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function grantRequest(accountId: string, options: Partial<GrantRequest> = {}): GrantRequest {
  return {
    accountId,
    kind: 'topup',
    amount: credits('10'),
    source: 'shop',
    sourceRef: 'order-1',
    actor: 'system:shop',
    reason: 'bought',
    ...options,
  }
}

export function grantingSuite(world: () => World) {
  const emptyAccount = () => world().newAccount({ credits: '0' })

  test('an account is opened once, empty', async ({ assert }) => {
    const account = await emptyAccount()
    await world().ledger.grant(grantRequest(account))

    await world().ledger.open(account, 'Asia/Tokyo')

    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('a grant adds its amount with one entry that says who and why', async ({ assert }) => {
    const account = await emptyAccount()

    const result = await world().ledger.grant(
      grantRequest(account, { amount: credits('0.000001') })
    )

    assert.equal(result.outcome, 'granted')
    assert.equal(result.balance.available.toString(), '0.000001')
    const [entry, ...others] = await world().ledger.entries(account, { limit: 10 })
    assert.deepEqual(others, [])
    assert.deepInclude(entry, {
      seq: 1n,
      kind: 'grant',
      amount: credits('0.000001'),
      balanceAfter: credits('0.000001'),
      grantId: result.grantId,
      holdId: null,
      ref: 'shop:order-1',
      actor: 'system:shop',
      reason: 'bought',
    })
  })

  test('the same reference again adds nothing and answers with the first grant', async ({
    assert,
  }) => {
    const account = await emptyAccount()
    const first = await world().ledger.grant(grantRequest(account))
    const before = await world().snapshot(account)

    const second = await world().ledger.grant(grantRequest(account, { amount: credits('99') }))

    assert.equal(second.outcome, 'exists')
    assert.equal(second.grantId, first.grantId)
    assert.equal(second.balance.available.toString(), '10')
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('the same reference is another grant for another source or account', async ({ assert }) => {
    const [one, other] = [await emptyAccount(), await emptyAccount()]
    await world().ledger.grant(grantRequest(one))

    const elsewhere = await world().ledger.grant(grantRequest(other))
    const otherSource = await world().ledger.grant(grantRequest(one, { source: 'promo' }))

    assert.equal(elsewhere.outcome, 'granted')
    assert.equal(otherSource.outcome, 'granted')
    assert.equal(otherSource.balance.available.toString(), '20')
  })

  test('of twenty grants of one reference at once, one adds', async ({ assert }) => {
    const account = await emptyAccount()

    const results = await Promise.all(
      Array.from({ length: 20 }, () => world().ledger.grant(grantRequest(account)))
    )

    assert.lengthOf(
      results.filter(({ outcome }) => outcome === 'granted'),
      1
    )
    assert.equal(new Set(results.map(({ grantId }) => grantId)).size, 1)
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('many different grants at once all count, in a gapless history that reads in order', async ({
    assert,
  }) => {
    const account = await emptyAccount()

    await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        world().ledger.grant(grantRequest(account, { sourceRef: `order-${index}` }))
      )
    )

    const entries = await world().ledger.entries(account, { limit: 100 })
    assert.deepEqual(
      entries.map(({ seq }) => Number(seq)),
      Array.from({ length: 25 }, (_, index) => 25 - index)
    )
    assert.equal(entries[0].balanceAfter.toString(), '250')
    const times = entries.map(({ createdAt }) => createdAt.getTime())
    assert.deepEqual(times, times.toSorted().toReversed())
  })

  test('a grant of {amount} is a fault and writes nothing')
    .with([{ amount: '0' }, { amount: '-5' }])
    .run(async ({ assert }, { amount }) => {
      const account = await emptyAccount()
      const before = await world().snapshot(account)

      const grant = () => world().ledger.grant(grantRequest(account, { amount: credits(amount) }))

      await assert.rejects(grant, /adds nothing/)
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('an account in the zone "{$self}" is a fault by name, and is not opened')
    .with(['Mars/Olympus', '', '+02:00', '-03', 'UTC+2', 'IST', 'CET'])
    .run(async ({ assert }, zone) => {
      const account = newId('org')

      const fault = await world()
        .ledger.open(account, zone)
        .catch((error) => error)

      assert.equal(fault?.code, 'E_TIMEZONE_UNKNOWN')
      assert.isNull(await world().ledger.state(account))
    })

  test('a grant that no 64 bits can add to the balance is a fault and writes nothing', async ({
    assert,
  }) => {
    const account = await emptyAccount()
    const most = Credits.fromMicro(2n ** 63n - 1n)
    await world().ledger.grant(grantRequest(account, { amount: most }))
    const before = await world().snapshot(account)

    await assert.rejects(
      () => world().ledger.grant(grantRequest(account, { sourceRef: 'order-2' })),
      /would not fit in 64 bits/
    )

    assert.deepEqual(await world().snapshot(account), before)
    assert.deepEqual(await balanceOf(world(), account), { available: `${most}`, held: '0' })
  })

  test('a grant that {title} is a fault by name, and writes nothing')
    .with([
      {
        title: 'has expired already',
        fields: { expiresAt: new Date(Date.now() - 1000) },
        code: 'E_GRANT_EXPIRY_PAST',
      },
      { title: 'is drawn before the first', fields: { priority: -1 } },
      { title: 'is drawn after the last', fields: { priority: 101 } },
      { title: 'is of no rank', fields: { priority: 1.5 } },
      { title: 'is of no kind', fields: { kind: 'gift' as 'promo' } },
      { title: 'pays for nothing', fields: { restrictedTo: { models: [], kinds: [] } } },
    ])
    .run(async ({ assert }, { fields, code = 'E_LEDGER_REQUEST_INVALID' }) => {
      const account = await emptyAccount()
      const before = await world().snapshot(account)

      const fault = await world()
        .ledger.grant(grantRequest(account, fields))
        .catch((error) => error)

      assert.equal(fault.code, code)
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('a grant that is told again after its time is answered as before', async ({ assert }) => {
    const account = await emptyAccount()
    const request = grantRequest(account, { expiresAt: new Date(Date.now() + 60_000) })
    const first = await world().ledger.grant(request)

    const again = await world().ledger.grant({
      ...request,
      expiresAt: new Date(Date.now() - 60_000),
    })

    assert.deepInclude(again, { outcome: 'exists', grantId: first.grantId })
  })

  test('a grant for some models pays for those, and leaves what it was told in the rows', async ({
    assert,
  }) => {
    const account = await emptyAccount()
    const restrictedTo = { models: ['acme/painter'], kinds: ['video'] }
    await world().ledger.grant(grantRequest(account, { restrictedTo }))
    const ask = async (fields: { model: string; kind: string }) =>
      outcomeOf(await world().metered.start(startRequest(account, fields)))

    assert.equal(await ask({ model: 'acme/painter', kind: 'image' }), 'started')
    assert.equal(await ask({ model: 'acme/other', kind: 'video' }), 'started')
    assert.equal(await ask({ model: 'acme/other', kind: 'image' }), 'insufficient_credits')
  })

  test('a grant to an account that was never opened is a fault that says so', async ({
    assert,
  }) => {
    const grant = () => world().ledger.grant(grantRequest('org_never_opened'))

    await assert.rejects(grant, /There is no account org_never_opened/)
  })

  test('a grant past its time does not count, and its end is written once', async ({ assert }) => {
    const account = await emptyAccount()
    await world().ledger.grant(grantRequest(account, { sourceRef: 'stays' }))
    const { grantId } = await world().ledger.grant(
      grantRequest(account, { sourceRef: 'goes', expiresAt: new Date(Date.now() + 60_000) })
    )
    assert.deepEqual(await balanceOf(world(), account), { available: '20', held: '0' })
    await world().endGrant(account, grantId)

    const unwritten = await balanceOf(world(), account)
    const [first, again] = [
      await world().ledger.expireGrants(account),
      await world().ledger.expireGrants(account),
    ]

    assert.equal(unwritten.available, '10')
    assert.deepEqual([first, again], [1, 0])
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.deepInclude(entry, {
      kind: 'expire',
      grantId,
      amount: credits('-10'),
      balanceAfter: credits('10'),
    })
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('an expiry that many look for at once is written once', async ({ assert }) => {
    const account = await emptyAccount()
    const { grantId } = await world().ledger.grant(grantRequest(account))
    await world().endGrant(account, grantId)

    const ended = await Promise.all(
      Array.from({ length: 10 }, () => world().ledger.expireGrants(account))
    )

    assert.equal(
      ended.reduce((sum, count) => sum + count, 0),
      1
    )
  })
}
