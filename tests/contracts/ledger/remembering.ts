import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import type { PastBalance } from '#core/ledger/types'
import { finishRequest, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { books, correction, granted, refundRequest } from './movements.js'

const bucketsAt = ({ available, held, overdraft }: PastBalance) =>
  [available, held, overdraft].map(String)

export function rememberingSuite(world: () => World) {
  test('after each movement, the balance of any instant before is what was answered then', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    const { ledger, metered } = world()
    const seen: { at: Date; balance: string[] }[] = []
    const step = async (move: () => Promise<unknown>) => {
      const result = await move()
      const { available, held, overdraft } = await ledger.balance(account)
      // The instant is a whole millisecond; the next movement must not fall into it.
      seen.push({ at: new Date(), balance: [available, held, overdraft].map(String) })
      await wait(3)
      return result
    }

    await step(() => granted(world(), account, { amount: '10', sourceRef: 'order-1' }))
    await step(() => granted(world(), account, { amount: '3', priority: 10 }))
    const job = (await step(() => running(world(), account, { hold: '8' }))) as Awaited<
      ReturnType<typeof running>
    >
    await step(() => metered.finish(finishRequest(job, { cost: '6' })))
    await step(() => ledger.refund(refundRequest(account, job.id, { amount: '2' })))
    await step(() => ledger.correct(correction(account, { amount: '-1' })))
    await step(() => started(world(), account, { hold: '1.5' }))
    await step(() => ledger.clawBack(books(account, { disputed: 1000n })))
    await step(() => granted(world(), account, { amount: '1' }))
    await step(() => ledger.clawBack(books(account, { disputed: 0n, second: 2 })))

    for (const { at, balance } of seen) {
      assert.deepEqual(bucketsAt(await ledger.balanceAt(account, at)), balance)
    }
    assert.deepEqual(
      seen.map(({ balance }) => balance.join(' ')),
      [
        '10 0 0',
        '13 0 0',
        '5 8 0',
        '7 0 0',
        '9 0 0',
        '8 0 0',
        '6.5 1.5 0',
        '0 1.5 3.5',
        '0 1.5 2.5',
        '7.5 1.5 0',
      ]
    )
  })

  test('it tells what each grant had, in draw order, and not what had expired', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    const later = await granted(world(), account, { amount: '4', priority: 60 })
    const sooner = await granted(world(), account, { amount: '3', kind: 'cycle', priority: 10 })
    const gone = await granted(world(), account, { amount: '2', priority: 70 })
    await started(world(), account, { hold: '2' })
    await world().endGrant(account, gone)

    const { grants, ...balance } = await world().ledger.balanceAt(account, new Date())

    assert.deepEqual(
      grants.map(({ grantId, kind, available, held }) => [
        grantId,
        kind,
        `${available}`,
        `${held}`,
      ]),
      [
        [sooner, 'cycle', '1', '2'],
        [later, 'topup', '4', '0'],
      ]
    )
    assert.deepEqual(bucketsAt({ ...balance, grants }), ['5', '2', '0'])
  })

  test('the instant an entry says it was written has it', async ({ assert }) => {
    const account = await world().newAccount({ credits: '7' })
    const [entry] = await world().ledger.entries(account, { limit: 1 })

    const then = await world().ledger.balanceAt(account, entry.createdAt)
    const before = await world().ledger.balanceAt(account, new Date(entry.createdAt.getTime() - 1))

    assert.deepEqual(bucketsAt(then), ['7', '0', '0'])
    assert.deepEqual(bucketsAt(before), ['0', '0', '0'])
  })

  test('an account that was never opened had nothing', async ({ assert }) => {
    const balance = await world().ledger.balanceAt('org_never_opened', new Date())

    assert.deepEqual(bucketsAt(balance), ['0', '0', '0'])
    assert.deepEqual(balance.grants, [])
  })

  test('a loss tells who bore what, newest first, of one job or of all', async ({ assert }) => {
    const account = await world().newAccount()
    const jobs = []
    for (const cost of ['3', '5']) {
      const job = await running(world(), account, { hold: '2' })
      await world().metered.finish(finishRequest(job, { cost }))
      jobs.push(job.id)
    }

    const all = await world().ledger.losses(account, { limit: 10 })
    const newest = await world().ledger.losses(account, { limit: 1 })
    const ofFirst = await world().ledger.losses(account, { limit: 10, jobId: jobs[0] })

    assert.deepEqual(
      all.map(({ jobId, kind, price, attempt }) => [jobId, kind, `${price}`, attempt]),
      [
        [jobs[1], 'overrun', '3', 1],
        [jobs[0], 'overrun', '1', 1],
      ]
    )
    assert.deepEqual(newest, all.slice(0, 1))
    assert.deepEqual(ofFirst, all.slice(1))
    assert.deepEqual(await world().ledger.losses(await world().newAccount(), { limit: 10 }), [])
  })
}
