import { test } from '@japa/runner'
import { credits, finishRequest, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import {
  books,
  bucketsOf,
  childOf,
  correction,
  granted,
  leftOf,
  refundRequest,
  spent,
  story,
} from './movements.js'

export function clawingBackSuite(world: () => World) {
  /** An account that bought 10 credits as order-1, paid with 1,000 cents. */
  async function buyer(options: { amount?: string; priority?: number } = {}) {
    const account = await world().newAccount({ credits: '0' })
    const order = { amount: '10', sourceRef: 'order-1', ...options }
    const grant = await granted(world(), account, order)
    const tell = (state: Parameters<typeof books>[1]) =>
      world().ledger.clawBack(books(account, state))
    return { account, grant, tell }
  }
  const booked = (moved: string, all: string) => ({
    outcome: 'booked',
    moved: credits(moved),
    booked: credits(all),
  })

  test('a part of the money back takes that part of the grant, rounded up', async ({ assert }) => {
    const { account, tell } = await buyer()

    const result = await tell({ refunded: 333n, charged: 999_999n })

    // 10,000,000 × 333 / 999,999 = 3,330.00333…
    assert.deepEqual(result, booked('-0.003331', '0.003331'))
    assert.deepEqual(await bucketsOf(world(), account), ['9.996669', '0', '0'])
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.deepInclude(entry, {
      kind: 'claw_back',
      actor: 'system:shop',
      reason: 'the buyer has the money back',
    })
  })

  test('the same state again changes nothing', async ({ assert }) => {
    const { account, tell } = await buyer()
    await tell({ refunded: 250n })
    const before = await world().snapshot(account)

    const again = await tell({ refunded: 250n })

    assert.deepEqual(again, { ...booked('0', '2.5'), outcome: 'unchanged' })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a refund and a dispute of the same money take it once', async ({ assert }) => {
    const { account, tell } = await buyer()

    await tell({ refunded: 600n })
    const result = await tell({ refunded: 600n, disputed: 1000n, second: 2 })

    assert.deepEqual(result, booked('-4', '10'))
    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '0'])
  })

  test('what the grant has not left comes from its refunds, then others in order, then is owed', async ({
    assert,
  }) => {
    const { account, grant, tell } = await buyer({ priority: 10 })
    // 6 of it are spent; 2 of those come back after it expired, and live on as its child.
    const hold = await spent(world(), account, '6')
    await world().endGrant(account, grant)
    await world().ledger.refund(refundRequest(account, hold, { amount: '2' }))
    const child = await childOf(world(), account, grant)
    const later = await granted(world(), account, { amount: '3', priority: 90 })
    const sooner = await granted(world(), account, { amount: '1', priority: 1 })

    const result = await tell({ refunded: 1000n })

    assert.deepEqual(result, booked('-10', '10'))
    const entries = await world().ledger.entries(account, { limit: 4 })
    assert.deepEqual(
      entries.toReversed().map(({ kind, amount, grantId }) => [kind, `${amount}`, grantId]),
      [
        ['claw_back', '-2', child.id],
        ['claw_back', '-1', sooner],
        ['claw_back', '-3', later],
        ['claw_back', '-4', null],
      ]
    )
    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '4'])
  })

  test('whatever comes in next repays the debt first, with entries', async ({ assert }) => {
    const { account, tell } = await buyer()
    await spent(world(), account, '10')
    await tell({ refunded: 1000n })

    await granted(world(), account, { amount: '4' })
    const between = await bucketsOf(world(), account)
    const next = await granted(world(), account, { amount: '8' })

    assert.deepEqual(between, ['0', '0', '6'])
    assert.deepEqual(await bucketsOf(world(), account), ['2', '0', '0'])
    assert.deepEqual(await story(world(), account, 3), [
      'grant 4',
      'repay -4',
      'repay 4',
      'grant 8',
      'repay -6',
      'repay 6',
    ])
    assert.deepInclude(await leftOf(world(), account), { [next]: '2' })
    await started(world(), account, { hold: '2' })
  })

  test('what a hold returns repays the debt first: {end}')
    .with([
      { end: 'after a failure', cost: '0', state: 'failed', left: ['1', '0', '0'] },
      { end: 'the change of a success', cost: '2', state: 'succeeded', left: ['0', '0', '1'] },
    ] as const)
    .run(async ({ assert }, { cost, state, left }) => {
      const { account, tell } = await buyer()
      await spent(world(), account, '3')
      const job = await running(world(), account, { hold: '4' })
      await tell({ disputed: 600n })
      const during = await bucketsOf(world(), account)

      await world().metered.finish(finishRequest(job, { cost, state }))

      // 3 were left for the 6; the other 3 are owed until the hold of 4 comes back.
      assert.deepEqual(during, ['0', '4', '3'])
      assert.deepEqual(await bucketsOf(world(), account), [...left])
    })

  test('what returns to an expired grant repays the debt before it expires', async ({ assert }) => {
    const { account, grant, tell } = await buyer()
    const job = await running(world(), account, { hold: '10' })
    await tell({ refunded: 300n })
    await world().endGrant(account, grant)

    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))

    assert.deepEqual(await bucketsOf(world(), account), ['7', '0', '0'])
    assert.deepEqual(await story(world(), account, 2), [
      'repay -3',
      'repay 3',
      'grant 7',
      'expire -7',
    ])
  })

  test('a refund repays the debt first', async ({ assert }) => {
    const { account, tell } = await buyer()
    const hold = await spent(world(), account, '10')
    await tell({ refunded: 400n })

    await world().ledger.refund(refundRequest(account, hold, { amount: '6' }))

    assert.deepEqual(await bucketsOf(world(), account), ['2', '0', '0'])
    assert.deepEqual(await story(world(), account, -3), ['refund 6', 'repay -4', 'repay 4'])
  })

  test('a dispute that is won gives all of it back, to where it was taken from', async ({
    assert,
  }) => {
    const { account, grant, tell } = await buyer()
    const other = await granted(world(), account, { amount: '3', priority: 90 })
    await spent(world(), account, '4')
    const before = await leftOf(world(), account)
    await tell({ disputed: 1000n })
    const during = await bucketsOf(world(), account)

    const won = await tell({ disputed: 0n, second: 2 })

    assert.deepEqual(during, ['0', '0', '1'])
    assert.deepEqual(won, booked('10', '0'))
    assert.deepEqual(await leftOf(world(), account), before)
    assert.deepEqual(before, { [grant]: '6', [other]: '3' })
    assert.deepEqual(await bucketsOf(world(), account), ['9', '0', '0'])
  })

  test('a dispute that is won in part gives back the part that was taken last', async ({
    assert,
  }) => {
    const { account, grant, tell } = await buyer()
    await spent(world(), account, '4')
    await tell({ disputed: 1000n })

    await tell({ refunded: 300n, disputed: 0n, second: 2 })

    // 4 of the 7 that come back undo the debt, 3 go to the grant.
    assert.deepEqual(await leftOf(world(), account), { [grant]: '3' })
    assert.deepEqual(await bucketsOf(world(), account), ['3', '0', '0'])
  })

  test('a debt that was repaid before the dispute was won comes back as credit', async ({
    assert,
  }) => {
    const { account, grant, tell } = await buyer()
    await spent(world(), account, '10')
    await tell({ disputed: 1000n })
    await granted(world(), account, { amount: '7' })
    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '3'])

    await tell({ disputed: 0n, second: 2 })

    assert.deepEqual(await bucketsOf(world(), account), ['7', '0', '0'])
    const child = await childOf(world(), account, grant)
    assert.deepInclude(child, { kind: 'refund', remaining: '7', expiresAt: null })
  })

  test('what comes back to a grant that has expired since lives on', async ({ assert }) => {
    const { account, grant, tell } = await buyer()
    await tell({ disputed: 1000n })
    await world().endGrant(account, grant)

    await tell({ disputed: 0n, second: 2 })

    assert.deepEqual(await bucketsOf(world(), account), ['10', '0', '0'])
    const child = await childOf(world(), account, grant)
    assert.deepInclude(child, { kind: 'refund', remaining: '10' })
  })

  test('lost, won and lost again, a dispute leaves what its last state says', async ({
    assert,
  }) => {
    const { account, tell } = await buyer()
    await spent(world(), account, '7')

    for (const [index, disputed] of [1000n, 0n, 500n, 1000n, 200n].entries()) {
      await tell({ disputed, second: index + 1 })
    }

    assert.deepEqual(await bucketsOf(world(), account), ['1', '0', '0'])
  })

  test('states that are told in any order and more than once end in the newest', async ({
    assert,
  }) => {
    const states = [
      { second: 1, refunded: 100n, disputed: 0n },
      { second: 2, refunded: 100n, disputed: 900n },
      { second: 3, refunded: 400n, disputed: 0n },
    ]
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [0, 2, 1, 2, 0],
      [1, 1, 2, 0, 1],
      [2, 0, 2, 1, 0],
    ]

    for (const order of orders) {
      const { account, tell } = await buyer()
      await spent(world(), account, '8')
      for (const index of order) await tell(states[index])
      assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '2'], order.join())
    }
  })

  test('an older state is ignored and writes nothing', async ({ assert }) => {
    const { account, tell } = await buyer()
    await tell({ refunded: 500n, second: 5 })
    const before = await world().snapshot(account)

    const result = await tell({ refunded: 0n, second: 4 })

    assert.deepEqual(result, { outcome: 'stale', booked: credits('5') })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('many at once end in the newest state', async ({ assert }) => {
    const { account, tell } = await buyer()

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tell({ refunded: BigInt(index) * 50n, second: index })
      )
    )

    assert.deepEqual(await bucketsOf(world(), account), ['0.5', '0', '0'])
  })

  test('who is in debt can have nothing taken, and is given what is right', async ({ assert }) => {
    const { account, tell } = await buyer()
    await spent(world(), account, '10')
    await tell({ refunded: 1000n })

    const taken = await world().ledger.correct(correction(account, { amount: '-1' }))

    assert.deepInclude(taken, { outcome: 'refused' })
    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '10'])
  })

  test('what was never granted cannot be taken back', async ({ assert }) => {
    const account = await world().newAccount()
    const before = await world().snapshot(account)

    const result = await world().ledger.clawBack(books(account, { refunded: 1n }))

    assert.deepEqual(result, { outcome: 'refused', refusal: { type: 'grant_missing' } })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('books with {title} are a fault and write nothing')
    .with([
      { title: 'nothing charged', state: { charged: 0n } },
      { title: 'less than nothing refunded', state: { refunded: -1n } },
      { title: 'less than nothing disputed', state: { disputed: -1n } },
      { title: 'no time', state: { asOf: new Date(Number.NaN) } },
    ])
    .run(async ({ assert }, { state }) => {
      const { account, tell } = await buyer()
      const before = await world().snapshot(account)

      const fault = await tell(state).catch((error) => error)

      assert.equal(fault.code, 'E_LEDGER_REQUEST_INVALID')
      assert.deepEqual(await world().snapshot(account), before)
    })
}
