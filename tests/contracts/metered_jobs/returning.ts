import { test } from '@japa/runner'
import { balanceOf, claim, credits, finishRequest, running, started } from './requests.js'
import type { World } from './world.js'

const HOURS_72 = 72 * 3_600_000

export function returningSuite(world: () => World) {
  /** An account whose one grant expires while a job holds `hold` of it. */
  async function expiringUnder(hold: string, total = '10') {
    const account = await world().newAccount({ credits: total })
    const job = await running(world(), account, { hold })
    const [grant] = await world().grants(account)
    await world().endGrant(account, grant.id)
    return { account, job, ref: { accountId: account, jobId: job.id }, grantId: grant.id }
  }
  const kinds = async (account: string) => {
    const entries = await world().ledger.entries(account, { limit: 20 })
    return entries.toReversed().map(({ kind, amount }) => `${kind} ${amount}`)
  }

  test('after a failure, what comes back to an expired grant lives on for 72 hours', async ({
    assert,
  }) => {
    const { account, job, grantId } = await expiringUnder('10')

    const before = Date.now()
    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))
    const after = Date.now()

    const [original, refund, ...others] = await world().grants(account)
    assert.deepEqual(others, [])
    assert.deepInclude(original, { remaining: '0', held: '0' })
    assert.deepInclude(refund, { kind: 'refund', remaining: '10', held: '0', parent: grantId })
    assert.isAtLeast(refund.expiresAt!.getTime(), before + HOURS_72 - 1000)
    assert.isAtMost(refund.expiresAt!.getTime(), after + HOURS_72 + 1000)
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await kinds(account), ['grant 10', 'grant 10', 'expire -10'])
  })

  test('only what came back lives on, not what had expired without a hold', async ({ assert }) => {
    const { account, job } = await expiringUnder('3')

    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))

    assert.deepEqual(await balanceOf(world(), account), { available: '3', held: '0' })
    assert.deepEqual(await kinds(account), ['grant 10', 'grant 3', 'expire -10'])
  })

  test('of two jobs that fail after one grant expired, each gets its own part back', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await running(world(), account, { hold: '3' })
    const second = await running(world(), account, { hold: '2' })
    const [grant] = await world().grants(account)
    await world().endGrant(account, grant.id)

    for (const job of [first, second]) {
      await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))
    }

    assert.deepEqual(await balanceOf(world(), account), { available: '5', held: '0' })
    const refunds = await world().grants(account)
    assert.deepEqual(
      refunds.filter(({ kind }) => kind === 'refund').map(({ remaining }) => remaining),
      ['3', '2']
    )
  })

  test('of a failure that is charged for, what was not paid lives on', async ({ assert }) => {
    const { account, job } = await expiringUnder('4')

    await world().metered.finish(finishRequest(job, { cost: '1', state: 'failed' }))

    assert.deepEqual(await balanceOf(world(), account), { available: '3', held: '0' })
    assert.deepEqual(await kinds(account), ['grant 10', 'consume -1', 'grant 3', 'expire -9'])
  })

  test('after a missed deadline it lives on as well', async ({ assert }) => {
    const { account, ref } = await expiringUnder('4')
    await world().endDeadline(ref)

    await world().metered.expire(ref, 'deadline')

    assert.deepEqual(await balanceOf(world(), account), { available: '4', held: '0' })
  })

  test('after the user’s own cancel it expires, as it would have without the job', async ({
    assert,
  }) => {
    const active = await expiringUnder('4')
    await world().metered.cancel(active.ref, 'user:usr_a')
    await world().metered.finish(finishRequest(active.job, { cost: '0', state: 'canceled' }))
    const account = await world().newAccount({ credits: '10' })
    const queued = await started(world(), account, { hold: '4' })
    const [grant] = await world().grants(account)
    await world().endGrant(account, grant.id)
    await world().metered.cancel(queued, 'user:usr_a')

    for (const id of [active.account, account]) {
      assert.deepEqual(await balanceOf(world(), id), { available: '0', held: '0' })
      assert.deepEqual(await kinds(id), ['grant 10', 'expire -10'])
    }
  })

  test('the change of a job that was paid expires', async ({ assert }) => {
    const { account, job } = await expiringUnder('4')

    await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.deepEqual(await balanceOf(world(), account), { available: '0', held: '0' })
    assert.deepEqual(await kinds(account), ['grant 10', 'consume -3', 'expire -7'])
  })

  test('what lives on does so once: a second failure past its time returns nothing', async ({
    assert,
  }) => {
    const { account, job } = await expiringUnder('4')
    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))
    const second = await running(world(), account, { hold: '4' })
    const [, refund] = await world().grants(account)
    await world().endGrant(account, refund.id)

    await world().metered.finish(finishRequest(second, { cost: '0', state: 'failed' }))

    assert.deepEqual(await balanceOf(world(), account), { available: '0', held: '0' })
    assert.lengthOf(await world().grants(account), 2)
  })

  test('of a hold over a living and an expired grant, only the expired part is moved', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '3' })
    const [early] = await world().grants(account)
    await world().ledger.grant({
      accountId: account,
      kind: 'topup',
      amount: credits('3'),
      source: 'shop',
      sourceRef: 'order',
      actor: 'system:shop',
      reason: 'bought',
    })
    await started(world(), account, { hold: '5' })
    const [job] = await claim(world())
    await world().endGrant(account, early.id)

    await world().metered.finish(finishRequest(job, { cost: '0', state: 'failed' }))

    const grants = await world().grants(account)
    assert.deepEqual(
      grants.map(({ kind, remaining }) => [kind, remaining]),
      [
        ['admin', '0'],
        ['topup', '3'],
        ['refund', '3'],
      ]
    )
  })
}
