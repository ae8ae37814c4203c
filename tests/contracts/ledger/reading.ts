import { test } from '@japa/runner'
import { balanceOf, claim, finishRequest, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { grantRequest } from './granting.js'

export function readingSuite(world: () => World) {
  test('an account that was never opened has nothing', async ({ assert }) => {
    const balance = await world().ledger.balance('org_never_opened')

    assert.deepEqual([balance.available, balance.held, balance.overdraft].map(String), [
      '0',
      '0',
      '0',
    ])
    assert.deepEqual(await world().ledger.entries('org_never_opened', { limit: 5 }), [])
    assert.isNull(await world().ledger.hold('org_never_opened', 'job_x'))
    assert.equal(await world().ledger.expireGrants('org_never_opened'), 0)
  })

  test('what is held is apart from what is available', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    await started(world(), account, { hold: '2.5' })

    const balance = await balanceOf(world(), account)

    assert.deepEqual(balance, { available: '7.5', held: '2.5' })
  })

  test('pages of entries go down without a gap or a repeat', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    for (let index = 1; index <= 7; index++) {
      await world().ledger.grant(grantRequest(account, { sourceRef: String(index) }))
    }

    const first = await world().ledger.entries(account, { limit: 3 })
    const second = await world().ledger.entries(account, { limit: 3, before: first.at(-1)!.seq })
    const third = await world().ledger.entries(account, { limit: 3, before: second.at(-1)!.seq })
    const beyond = await world().ledger.entries(account, { limit: 3, before: 1n })

    assert.deepEqual(
      [...first, ...second, ...third].map(({ seq }) => Number(seq)),
      [7, 6, 5, 4, 3, 2, 1]
    )
    assert.deepEqual(beyond, [])
  })

  test('the entries of one hold are its own, oldest first', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    for (const ref of ['a', 'b']) {
      await world().ledger.grant(grantRequest(account, { sourceRef: ref }))
    }
    const job = await running(world(), account, { hold: '15' })
    await world().metered.finish(finishRequest(job, { cost: '12' }))
    const other = await running(world(), account, { hold: '1' })
    await world().metered.finish(finishRequest(other, { cost: '1' }))

    const entries = await world().ledger.entriesOfHold(account, job.id)

    assert.deepEqual(
      entries.map(({ seq, kind, amount, balanceAfter }) => [
        seq,
        kind,
        `${amount}`,
        `${balanceAfter}`,
      ]),
      [
        [3n, 'consume', '-10', '10'],
        [4n, 'consume', '-2', '8'],
      ]
    )
    assert.deepEqual(await world().ledger.entriesOfHold(account, 'job_none'), [])
  })

  test('accounts do not see each other', async ({ assert }) => {
    const [one, other] = [await world().newAccount(), await world().newAccount()]
    const { jobId } = await started(world(), one)
    await claim(world())

    assert.isNull(await world().ledger.hold(other, jobId))
    assert.lengthOf(await world().ledger.entries(other, { limit: 10 }), 1)
    assert.deepEqual(await balanceOf(world(), other), { available: '100', held: '0' })
  })

  test('the books of an account with all kinds of movements are right', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account, { hold: '3' })
    await world().metered.finish(finishRequest(job, { cost: '2' }))
    await started(world(), account, { hold: '4' })

    assert.deepEqual(await world().ledger.verify(account), [])
    assert.deepEqual(await world().ledger.verify(), [])
  })
}
