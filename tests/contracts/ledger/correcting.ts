import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { countOf, credits, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { bucketsOf, correction, granted, indebt, leftOf, story } from './movements.js'

export function correctingSuite(world: () => World) {
  const correct = (account: string, amount: string, reference?: string) =>
    world().ledger.correct(correction(account, { amount, ...(reference && { reference }) }))

  test('a correction upwards is a grant, with who and why', async ({ assert }) => {
    const account = await world().newAccount({ credits: '1' })

    const result = await correct(account, '2.5', 'c1')

    assert.deepEqual(result, { outcome: 'corrected' })
    assert.deepEqual(await bucketsOf(world(), account), ['3.5', '0', '0'])
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.deepInclude(entry, {
      kind: 'grant',
      amount: credits('2.5'),
      ref: 'correction:c1',
      actor: 'user:usr_a',
      reason: 'counted twice',
    })
    const [, grant] = await world().grants(account)
    assert.equal(grant.kind, 'admin')
  })

  test('a correction downwards draws grants in draw order, restricted ones as well', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    const last = await granted(world(), account, { amount: '5', priority: 90 })
    const first = await granted(world(), account, {
      amount: '3',
      priority: 10,
      restrictedTo: { kinds: ['video'] },
    })

    await correct(account, '-4', 'c2')

    assert.deepEqual(await leftOf(world(), account), { [last]: '4', [first]: '0' })
    assert.deepEqual(await story(world(), account, 2), ['correct -3', 'correct -1'])
    const [entry] = await world().ledger.entries(account, { limit: 1 })
    assert.deepInclude(entry, {
      ref: 'correction:c2',
      actor: 'user:usr_a',
      reason: 'counted twice',
    })
  })

  test('more than is available is refused, and nothing is written', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const ending = await granted(world(), account, { amount: '7' })
    await started(world(), account, { hold: '4' })
    await world().endGrant(account, ending)
    const before = await world().snapshot(account)

    const result = await correct(account, '-6.000001')

    assert.deepEqual(result, {
      outcome: 'refused',
      refusal: {
        type: 'insufficient_credits',
        needed: credits('6.000001'),
        available: credits('6'),
        held: credits('4'),
      },
    })
    assert.deepEqual(await world().snapshot(account), before)
    assert.deepEqual(await correct(account, '-6'), { outcome: 'corrected' })
    assert.deepEqual(await bucketsOf(world(), account), ['0', '4', '0'])
  })

  test('the same reference again changes nothing, and with another amount is refused')
    .with([{ amount: '2' }, { amount: '-2' }])
    .run(async ({ assert }, { amount }) => {
      const account = await world().newAccount({ credits: '5' })
      await correct(account, amount, 'again')
      const before = await world().snapshot(account)

      const [same, other] = [
        await correct(account, amount, 'again'),
        await correct(account, '1', 'again'),
      ]

      assert.deepEqual(same, { outcome: 'exists' })
      assert.deepEqual(other, { outcome: 'refused', refusal: { type: 'reference_reused' } })
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('of ten takings at once, those that are covered pass', async ({ assert }) => {
    const account = await world().newAccount({ credits: '7' })

    const results = await Promise.all(Array.from({ length: 10 }, () => correct(account, '-2')))

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'corrected'), 3)
    assert.equal(countOf(outcomes, 'refused'), 7)
    assert.deepEqual(await bucketsOf(world(), account), ['1', '0', '0'])
  })

  test('what is added repays a debt first', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    await indebt(world(), account, '3')

    await correct(account, '5')

    assert.deepEqual(await bucketsOf(world(), account), ['2', '0', '0'])
    assert.deepEqual(await story(world(), account, -3), ['grant 5', 'repay -3', 'repay 3'])
  })

  test('a correction of {amount}, {title}, is a fault and writes nothing')
    .with([
      { title: 'which is none', amount: '0', fields: {}, code: 'E_AMOUNT_INVALID' },
      { title: 'unreasoned', amount: '1', fields: { reason: '' }, code: 'E_LEDGER_REASON_MISSING' },
      {
        title: 'with half a page for a reference',
        amount: '-1',
        fields: { reference: 'x'.repeat(201) },
        code: 'E_LEDGER_REQUEST_INVALID',
      },
    ])
    .run(async ({ assert }, { amount, fields, code }) => {
      const account = await world().newAccount()
      const before = await world().snapshot(account)

      const fault = await world()
        .ledger.correct(correction(account, { amount, ...fields }))
        .catch((error) => error)

      assert.equal(fault.code, code)
      assert.deepEqual(await world().snapshot(account), before)
    })

  test('a balance that no 64 bits hold is a fault by name', async ({ assert }) => {
    const account = await world().newAccount({ credits: '1' })
    const most = Credits.fromMicro(2n ** 63n - 1n)

    const fault = await correct(account, `${most}`).catch((error) => error)

    assert.equal(fault.code, 'E_AMOUNT_INVALID')
    assert.deepEqual(await bucketsOf(world(), account), ['1', '0', '0'])
  })

  test('an account that was never opened is a fault', async ({ assert }) => {
    const fault = await correct('org_never_opened', '1').catch((error) => error)

    assert.equal(fault.code, 'E_LEDGER_ACCOUNT_MISSING')
  })
}
