import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import {
  countOf,
  credits,
  finishRequest,
  running,
  started,
  startRequest,
} from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { bucketsOf, childOf, granted, leftOf, refundRequest, spent, story } from './movements.js'

export function refundingSuite(world: () => World) {
  /** A hold of 10 that drew 6 of one grant and 4 of another, and cost 9. */
  async function spentOfTwo() {
    const account = await world().newAccount({ credits: '0' })
    const first = await granted(world(), account, { amount: '6', priority: 10, kind: 'cycle' })
    const second = await granted(world(), account, { amount: '5' })
    const hold = await spent(world(), account, '9', '10')
    return { account, first, second, hold }
  }
  const refund = (account: string, hold: string, amount: string, reference?: string) =>
    world().ledger.refund(refundRequest(account, hold, { amount, ...(reference && { reference }) }))

  test('a refund goes to the slice that was drawn last first, with an entry for each grant', async ({
    assert,
  }) => {
    const { account, first, second, hold } = await spentOfTwo()

    const result = await refund(account, hold, '4', 'r1')

    assert.deepEqual(result, { outcome: 'refunded', expired: Credits.zero })
    assert.deepEqual(await leftOf(world(), account), { [first]: '1', [second]: '5' })
    assert.deepEqual(await bucketsOf(world(), account), ['6', '0', '0'])
    const entries = await world().ledger.entriesOfHold(account, hold)
    assert.deepEqual(
      entries.map(({ kind, amount, grantId }) => [kind, `${amount}`, grantId]),
      [
        ['consume', '-6', first],
        ['consume', '-3', second],
        ['refund', '3', second],
        ['refund', '1', first],
      ]
    )
    assert.deepInclude(entries[2], {
      ref: 'refund:r1',
      actor: 'user:usr_a',
      reason: 'the picture was upside down',
    })
    const kept = await world().ledger.hold(account, hold)
    assert.equal(`${kept!.cost}`, '9')
  })

  test('a second refund goes on where the first one stopped', async ({ assert }) => {
    const { account, first, second, hold } = await spentOfTwo()

    for (const amount of ['2', '2', '5']) await refund(account, hold, amount)

    assert.deepEqual(await leftOf(world(), account), { [first]: '6', [second]: '5' })
    assert.deepEqual(await story(world(), account, 4), [
      'refund 2',
      'refund 1',
      'refund 1',
      'refund 5',
    ])
  })

  test('all refunds of a hold are at most its cost', async ({ assert }) => {
    const { account, hold } = await spentOfTwo()
    await refund(account, hold, '8')
    const before = await world().snapshot(account)

    const result = await refund(account, hold, '1.000001')

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: { type: 'refund_exceeds_cost', cost: credits('9'), refunded: credits('8') },
    })
    assert.deepEqual(await world().snapshot(account), before)
    assert.deepInclude(await refund(account, hold, '1'), { outcome: 'refunded' })
  })

  test('the same reference again refunds nothing more, and names nothing else', async ({
    assert,
  }) => {
    const { account, hold } = await spentOfTwo()
    await refund(account, hold, '2', 'again')
    const other = await spent(world(), account, '1')
    const before = await world().snapshot(account)

    assert.deepEqual(await refund(account, hold, '2', 'again'), { outcome: 'exists' })
    for (const result of [
      await refund(account, hold, '3', 'again'),
      await refund(account, other, '1', 'again'),
    ]) {
      assert.deepEqual(result, { outcome: 'refused', refusal: { type: 'reference_reused' } })
    }
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of ten refunds of one reference at once, one gives back', async ({ assert }) => {
    const { account, hold } = await spentOfTwo()

    const results = await Promise.all(
      Array.from({ length: 10 }, () => refund(account, hold, '2', 'once'))
    )

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'refunded'), 1)
    assert.equal(countOf(outcomes, 'exists'), 9)
    assert.deepEqual(await bucketsOf(world(), account), ['4', '0', '0'])
  })

  test('of many refunds at once, those that fit the cost pass', async ({ assert }) => {
    const { account, hold } = await spentOfTwo()

    const results = await Promise.all(Array.from({ length: 10 }, () => refund(account, hold, '2')))

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'refunded'), 4)
    assert.equal(countOf(outcomes, 'refused'), 6)
    assert.deepEqual(await bucketsOf(world(), account), ['10', '0', '0'])
  })

  test('what comes back to an expired grant lives on for 72 hours', async ({ assert }) => {
    const { account, second, hold } = await spentOfTwo()
    await world().endGrant(account, second)

    const before = Date.now()
    const result = await refund(account, hold, '2')

    assert.deepEqual(result, { outcome: 'refunded', expired: Credits.zero })
    const child = await childOf(world(), account, second)
    assert.deepInclude(child, { kind: 'refund', remaining: '2' })
    assert.isAtLeast(child.expiresAt!.getTime(), before + 72 * 3_600_000 - 1000)
    assert.deepEqual(await story(world(), account, 4), [
      'expire -2',
      'refund 2',
      'grant 2',
      'expire -2',
    ])
    assert.deepEqual(await bucketsOf(world(), account), ['2', '0', '0'])
  })

  test('what lives on pays for no more than the grant did', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    const grantId = await granted(world(), account, {
      amount: '5',
      restrictedTo: { models: ['acme/painter'] },
    })
    const hold = await spent(world(), account, '5')
    await world().endGrant(account, grantId)
    await refund(account, hold, '5')

    const ask = (model: string) => world().metered.start(startRequest(account, { model }))
    const [other, same] = [await ask('acme/other'), await ask('acme/painter')]

    assert.deepInclude(other, { outcome: 'refused' })
    assert.deepInclude(same, { outcome: 'started' })
  })

  test('it lives on once: a refund to what lived on expires, and says so', async ({ assert }) => {
    const { account, second, hold } = await spentOfTwo()
    await world().endGrant(account, second)
    await refund(account, hold, '3')
    const child = await childOf(world(), account, second)
    const next = await spent(world(), account, '3')
    await world().endGrant(account, child.id)

    const result = await refund(account, next, '3')

    assert.deepEqual(result, { outcome: 'refunded', expired: credits('3') })
    assert.deepEqual(await bucketsOf(world(), account), ['0', '0', '0'])
    assert.deepEqual(await story(world(), account, -2), ['refund 3', 'expire -3'])
  })

  test('a hold that is {state} has nothing to give back')
    .with([{ state: 'held' }, { state: 'released' }, { state: 'unknown' }])
    .run(async ({ assert }, { state }) => {
      const account = await world().newAccount()
      const holds: Record<string, () => Promise<string>> = {
        held: async () => {
          const { jobId } = await started(world(), account)
          return jobId
        },
        released: async () => {
          const job = await running(world(), account)
          await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))
          return job.id
        },
        unknown: async () => 'job_unknown',
      }
      const hold = await holds[state]()
      const before = await world().snapshot(account)

      const result = await refund(account, hold, '1')

      assert.deepEqual(result, {
        outcome: 'refused',
        refusal:
          state === 'unknown' ? { type: 'hold_missing' } : { type: 'hold_not_settled', state },
      } as typeof result)
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('another account’s hold is none', async ({ assert }) => {
    const { hold } = await spentOfTwo()
    const stranger = await world().newAccount()

    assert.deepEqual(await refund(stranger, hold, '1'), {
      outcome: 'refused',
      refusal: { type: 'hold_missing' },
    })
  })

  test('a refund of {amount}, {title}, is a fault and writes nothing')
    .with([
      { title: 'which is nothing', amount: '0', fields: {}, code: 'E_AMOUNT_INVALID' },
      { title: 'which takes', amount: '-1', fields: {}, code: 'E_AMOUNT_INVALID' },
      {
        title: 'unreasoned',
        amount: '1',
        fields: { reason: ' ' },
        code: 'E_LEDGER_REASON_MISSING',
      },
      {
        title: 'without reference',
        amount: '1',
        fields: { reference: '' },
        code: 'E_LEDGER_REQUEST_INVALID',
      },
    ])
    .run(async ({ assert }, { amount, fields, code }) => {
      const { account, hold } = await spentOfTwo()
      const before = await world().snapshot(account)

      const fault = await world()
        .ledger.refund(refundRequest(account, hold, { amount, ...fields }))
        .catch((error) => error)

      assert.equal(fault.code, code)
      assert.deepEqual(await world().snapshot(account), before)
    })
}
