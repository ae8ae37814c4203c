import { test } from '@japa/runner'
import type { Transfer } from '#core/ledger/types'
import {
  countOf,
  credits,
  finishRequest,
  outcomeOf,
  running,
  startRequest,
} from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import {
  books,
  bucketsOf,
  correction,
  granted,
  indebt,
  newReference,
  refundRequest,
  spent,
  story,
} from './movements.js'

export function mergingSuite(world: () => World) {
  const out = (accountId: string, to: string, reference = newReference()) =>
    world().ledger.transferOut({
      accountId,
      to,
      reference,
      actor: 'user:usr_a',
      reason: 'two studios became one',
    })
  /** The first half, which must have something to move. */
  async function sent(from: string, to: string, reference?: string): Promise<Transfer> {
    const result = await out(from, to, reference)
    if (result.outcome !== 'sent') throw new Error(`not sent: ${result.outcome}`)
    return result.transfer
  }
  async function merge(from: string, to: string) {
    const transfer = await sent(from, to)
    await world().ledger.transferIn(transfer)
    await world().ledger.transferArrived(transfer)
    return transfer
  }

  test('a closed account takes no hold and no grant, and opens again', async ({ assert }) => {
    const account = await world().newAccount({ credits: '5' })

    assert.isTrue(await world().ledger.setState(account, 'closed'))

    const hold = await world().metered.start(startRequest(account))
    const grant = await granted(world(), account, { amount: '1' }).catch((error) => error)
    const added = await world().ledger.correct(correction(account, { amount: '1' }))
    assert.equal(outcomeOf(hold), 'account_closed')
    assert.equal(grant.code, 'E_LEDGER_ACCOUNT_CLOSED')
    assert.deepEqual(added, { outcome: 'refused', refusal: { type: 'account_closed' } })
    assert.deepEqual(await story(world(), account), ['grant 5'])

    await world().ledger.setState(account, 'open')
    await granted(world(), account, { amount: '1' })
    assert.equal(await world().ledger.state(account), 'open')
  })

  test('the open holds of a closed account drain: settled, refunded and returned', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await running(world(), account, { hold: '4' })
    const second = await running(world(), account, { hold: '2' })
    await world().ledger.setState(account, 'closed')

    await world().metered.finish(finishRequest(first, { cost: '3' }))
    await world().metered.finish(finishRequest(second, { cost: '0', state: 'failed' }))
    await world().ledger.refund(refundRequest(account, first.id, { amount: '1' }))

    assert.deepEqual(await bucketsOf(world(), account), ['8', '0', '0'])
  })

  test('what was granted before is answered though the account closed since', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    const order = { amount: '1', sourceRef: 'order-1' }
    const grant = await granted(world(), account, order)
    await world().ledger.setState(account, 'closed')

    assert.equal(await granted(world(), account, order), grant)
  })

  test('no account has a state before it is opened', async ({ assert }) => {
    assert.isNull(await world().ledger.state('org_never_opened'))
    assert.isFalse(await world().ledger.setState('org_never_opened', 'closed'))
  })

  test('grants arrive with what they were left with, their rank, expiry, restriction and parent', async ({
    assert,
  }) => {
    const [from, to] = [await world().newAccount({ credits: '0' }), await world().newAccount()]
    const expiresAt = new Date(Date.now() + 3_600_000)
    const restrictedTo = { models: ['acme/painter'] }
    const rank = { kind: 'promo', priority: 7, expiresAt, restrictedTo } as const
    const parent = await granted(world(), from, { amount: '9', ...rank })
    await granted(world(), from, { amount: '4' })
    const job = await running(world(), from, { hold: '5' })
    await world().endGrant(from, parent)
    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))

    await merge(from, to)

    assert.deepEqual(await bucketsOf(world(), from), ['0', '0', '0'])
    assert.deepEqual(await bucketsOf(world(), to), ['109', '0', '0'])
    const [, child, topup] = await world().grants(to)
    assert.deepInclude(child, { kind: 'refund', remaining: '5', parent })
    assert.isAbove(child.expiresAt!.getTime(), Date.now() + 71 * 3_600_000)
    assert.deepInclude(topup, { kind: 'topup', remaining: '4', parent: null, expiresAt: null })
    const { grants } = await world().ledger.balanceAt(to, new Date())
    assert.deepInclude(grants[0], { priority: 7, available: credits('5') })
    assert.lengthOf(grants, 3)
    const other = await world().metered.start(
      startRequest(to, { model: 'acme/other', hold: '105', kind: 'video' })
    )
    assert.equal(outcomeOf(other), 'insufficient_credits')
    assert.deepEqual(await story(world(), from, -2), ['transfer_out -5', 'transfer_out -4'])
    assert.deepEqual(await story(world(), to), ['grant 100', 'transfer_in 5', 'transfer_in 4'])
  })

  test('a debt goes along, and is repaid out of what the other has', async ({ assert }) => {
    const from = await world().newAccount({ credits: '0' })
    const to = await world().newAccount({ credits: '5' })
    await indebt(world(), from, '7')

    await merge(from, to)

    assert.deepEqual(await bucketsOf(world(), from), ['0', '0', '0'])
    assert.deepEqual(await bucketsOf(world(), to), ['0', '0', '2'])
    assert.deepEqual(await story(world(), to), ['grant 5', 'transfer_in -7', 'repay -5', 'repay 5'])
  })

  test('a debt that arrives is not repaid by credit whose time has passed', async ({ assert }) => {
    const from = await world().newAccount({ credits: '0' })
    const to = await world().newAccount({ credits: '0' })
    await indebt(world(), from, '2')
    const expiresAt = new Date(Date.now() + 500)
    await granted(world(), to, { amount: '5', expiresAt })
    while (Date.now() <= expiresAt.getTime()) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }

    await merge(from, to)

    assert.deepEqual(await bucketsOf(world(), to), ['0', '0', '2'])
    assert.deepEqual(await story(world(), to), ['grant 5', 'expire -5', 'transfer_in -2'])
  })

  test('a transfer under a reference that its account has used is a fault, and stays under way', async ({
    assert,
  }) => {
    const [from, to, third] = await Promise.all(
      [1, 2, 3].map(() => world().newAccount({ credits: '5' }))
    )
    await sent(to, third, 'taken')
    const transfer = await sent(from, to, 'taken')

    const fault = await world()
      .ledger.transferIn(transfer)
      .catch((error) => error)

    assert.equal(fault.code, 'E_LEDGER_REQUEST_INVALID')
    assert.deepEqual(await bucketsOf(world(), to), ['0', '0', '0'])
    assert.deepEqual(await world().ledger.transfersUnderWay(9, from), [transfer])
  })

  test('credits that arrive repay the debt of the other first', async ({ assert }) => {
    const from = await world().newAccount({ credits: '10' })
    const to = await world().newAccount({ credits: '0' })
    await indebt(world(), to, '4')

    await merge(from, to)

    assert.deepEqual(await bucketsOf(world(), to), ['6', '0', '0'])
  })

  test('what a hold keeps stays with it, and goes with another transfer', async ({ assert }) => {
    const [from, to] = [
      await world().newAccount({ credits: '10' }),
      await world().newAccount({ credits: '0' }),
    ]
    const job = await running(world(), from, { hold: '4' })
    await merge(from, to)
    const during = [await bucketsOf(world(), from), await bucketsOf(world(), to)]

    await world().metered.finish(finishRequest(job, { cost: '1' }))
    await merge(from, to)

    assert.deepEqual(during, [
      ['0', '4', '0'],
      ['6', '0', '0'],
    ])
    assert.deepEqual(await bucketsOf(world(), from), ['0', '0', '0'])
    assert.deepEqual(await bucketsOf(world(), to), ['9', '0', '0'])
  })

  test('each half again changes nothing', async ({ assert }) => {
    const [from, to] = [await world().newAccount({ credits: '10' }), await world().newAccount()]
    const transfer = await sent(from, to, 'm1')
    await world().ledger.transferIn(transfer)
    const before = [await world().snapshot(from), await world().snapshot(to)]

    const [outAgain, inAgain] = [
      await out(from, to, 'm1'),
      await world().ledger.transferIn(transfer),
    ]

    assert.deepEqual(outAgain, { outcome: 'exists', transfer })
    assert.equal(inAgain, 'exists')
    assert.deepEqual([await world().snapshot(from), await world().snapshot(to)], before)
    await world().ledger.transferArrived(transfer)
  })

  test('a transfer whose process died half way is found, and ends once', async ({ assert }) => {
    const [from, to] = [
      await world().newAccount({ credits: '10' }),
      await world().newAccount({ credits: '0' }),
    ]
    const transfer = await sent(from, to)

    const [found] = await world().ledger.transfersUnderWay(10, from)
    const results = await Promise.all(
      Array.from({ length: 8 }, () => world().ledger.transferIn(structuredClone(found)))
    )
    await world().ledger.transferArrived(found)

    assert.deepEqual(found, transfer)
    assert.equal(countOf(results, 'received'), 1)
    assert.deepEqual(await bucketsOf(world(), to), ['10', '0', '0'])
    assert.deepEqual(await world().ledger.transfersUnderWay(10, from), [])
  })

  test('a grant whose time passes under way expires where it arrives', async ({ assert }) => {
    const [from, to] = [
      await world().newAccount({ credits: '0' }),
      await world().newAccount({ credits: '0' }),
    ]
    await granted(world(), from, { amount: '3', expiresAt: new Date(Date.now() + 1500) })
    const transfer = await sent(from, to)
    while (Date.now() < Date.parse(String(transfer.grants[0].expires_at))) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }

    await world().ledger.transferIn(transfer)
    await world().ledger.transferArrived(transfer)
    await world().ledger.expireGrants(to)

    assert.deepEqual(await story(world(), to), ['transfer_in 3', 'expire -3'])
  })

  test('money that goes back after a merge is owed where it was paid, and can follow', async ({
    assert,
  }) => {
    const from = await world().newAccount({ credits: '0' })
    const to = await world().newAccount({ credits: '0' })
    await granted(world(), from, { amount: '10', sourceRef: 'order-1' })
    await spent(world(), from, '4')
    await world().ledger.setState(from, 'closed')
    await merge(from, to)

    await world().ledger.clawBack(books(from, { refunded: 500n }))
    const owed = await bucketsOf(world(), from)
    await merge(from, to)

    assert.deepEqual(owed, ['0', '0', '5'])
    assert.deepEqual(await bucketsOf(world(), from), ['0', '0', '0'])
    assert.deepEqual(await bucketsOf(world(), to), ['1', '0', '0'])
  })

  test('there and back again, and there, nothing is lost', async ({ assert }) => {
    const [one, other] = [
      await world().newAccount({ credits: '10' }),
      await world().newAccount({ credits: '5' }),
    ]

    await merge(one, other)
    await merge(other, one)
    await merge(one, other)

    assert.deepEqual(await bucketsOf(world(), one), ['0', '0', '0'])
    assert.deepEqual(await bucketsOf(world(), other), ['15', '0', '0'])
  })

  test('of many merges of one account at once, one moves', async ({ assert }) => {
    const from = await world().newAccount({ credits: '10' })
    const targets = [
      await world().newAccount({ credits: '0' }),
      await world().newAccount({ credits: '0' }),
    ]

    const results = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const result = await out(from, targets[index % 2])
        if (result.outcome !== 'sent') return result.outcome
        await world().ledger.transferIn(result.transfer)
        await world().ledger.transferArrived(result.transfer)
        return result.outcome
      })
    )

    assert.equal(countOf(results, 'sent'), 1)
    assert.equal(countOf(results, 'empty'), 7)
    const [a, b] = await Promise.all(targets.map((id) => world().ledger.balance(id)))
    assert.deepEqual(a.available.plus(b.available), credits('10'))
  })

  test('{title} is a fault or a refusal, and writes nothing')
    .with([
      { title: 'a merge into itself', to: 'self', code: 'E_LEDGER_REQUEST_INVALID' },
      { title: 'a reference of another transfer', to: 'third', code: 'reference_reused' },
    ])
    .run(async ({ assert }, { to, code }) => {
      const from = await world().newAccount({ credits: '5' })
      const third = await world().newAccount()
      if (to === 'third') {
        const transfer = await sent(from, await world().newAccount(), 'taken')
        await world().ledger.transferIn(transfer)
        await world().ledger.transferArrived(transfer)
      }
      const before = await world().snapshot(from)

      const answer = await out(from, to === 'self' ? from : third, 'taken').catch((error) => error)

      assert.equal(answer.code ?? answer.refusal.type, code)
      assert.deepEqual(await world().snapshot(from), before)
    })

  test('nothing goes to an account that was never opened', async ({ assert }) => {
    const from = await world().newAccount({ credits: '5' })
    const transfer = await sent(from, await world().newAccount())

    const fault = await world()
      .ledger.transferIn({ ...transfer, to: 'org_never_opened' })
      .catch((error) => error)

    assert.equal(fault.code, 'E_LEDGER_ACCOUNT_MISSING')
    await world().ledger.transferIn(transfer)
    await world().ledger.transferArrived(transfer)
  })
}
