import { test } from '@japa/runner'
import { newId } from '#core/ids'
import type { FinishRequest } from '#core/queue/metered_jobs'
import {
  balanceOf,
  claim,
  countOf,
  credits,
  finishRequest,
  leaseOf,
  running,
  usage,
} from './requests.js'
import type { World } from './world.js'

export function finishingSuite(world: () => World) {
  const movements = async (accountId: string, jobId: string) => {
    const entries = await world().ledger.entriesOfHold(accountId, jobId)
    return entries.map(({ kind, amount, balanceAfter }) => `${kind} ${amount} → ${balanceAfter}`)
  }
  const typesOf = async (accountId: string, jobId: string) => {
    const events = await world().streams.read(accountId, jobId, 0)
    return events.map(({ type }) => type)
  }

  test('the user pays what it cost, and the rest comes back at once', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })

    const result = await world().metered.finish(finishRequest(job, { cost: '2.5' }))

    assert.deepEqual(result, { outcome: 'finished', state: 'succeeded', charged: credits('2.5') })
    assert.deepEqual(await balanceOf(world(), account), { available: '7.5', held: '0' })
    assert.deepEqual(await movements(account, job.id), ['consume -2.5 → 7.5'])
    const hold = await world().ledger.hold(account, job.id)
    assert.deepInclude(hold, { state: 'settled', cost: credits('2.5') })
    assert.isNotNull(hold!.resolvedAt)
    assert.deepEqual(await world().losses(account), [])
    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'succeeded', credits: '2.5' },
    ])
  })

  test('a reported price that was not believed is told before the money', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    const report = { amount: '-5', unit: 'credits', rateVersion: null, doubt: 'negative' as const }
    const request = finishRequest(job, { cost: '2' })

    await world().metered.finish({ ...request, usage: { ...request.usage, report } })

    const events = await world().streams.read(account, job.id, 0)
    assert.deepEqual(
      events.slice(-3).map(({ type }) => type),
      ['price_doubted', 'settled', 'succeeded']
    )
    assert.deepEqual(events.at(-3)!.data, { reason: 'negative' })
  })

  test('a reported price that was believed is no event', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    const report = { amount: '5', unit: 'credits', rateVersion: '2027', doubt: null }
    const request = finishRequest(job, { cost: '2' })

    await world().metered.finish({ ...request, usage: { ...request.usage, report } })

    assert.notInclude(await typesOf(account, job.id), 'price_doubted')
  })

  test('a cost over several grants takes the first ones whole, an entry each', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '0' })
    for (const sourceRef of ['a', 'b', 'c']) {
      await world().ledger.grant({
        accountId: account,
        kind: 'topup',
        amount: credits('2'),
        source: 'shop',
        sourceRef,
        actor: 'system:shop',
        reason: 'bought',
      })
    }
    const job = await running(world(), account, { hold: '5' })

    await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.deepEqual(await movements(account, job.id), ['consume -2 → 4', 'consume -1 → 3'])
    const grants = await world().grants(account)
    assert.deepEqual(
      grants.map(({ remaining, held }) => [remaining, held]),
      [
        ['0', '0'],
        ['1', '0'],
        ['2', '0'],
      ]
    )
  })

  test('a cost above the hold is charged up to the hold, and the rest is a loss', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })

    const result = await world().metered.finish(finishRequest(job, { cost: '6' }))

    assert.deepInclude(result, { outcome: 'finished', charged: credits('4') })
    assert.deepEqual(await balanceOf(world(), account), { available: '6', held: '0' })
    assert.deepEqual(await world().losses(account), [
      { jobId: job.id, kind: 'overrun', credits: '2' },
    ])
  })

  test('a failure releases the whole hold without an entry', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })

    const result = await world().metered.finish(
      finishRequest(job, {
        cost: '0',
        state: 'failed',
        error: { class: 'provider_failed', message: 'It broke.' },
      })
    )

    assert.deepEqual(result, { outcome: 'finished', state: 'failed', charged: credits('0') })
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
    assert.deepEqual(await movements(account, job.id), [])
    assert.deepInclude(await world().ledger.hold(account, job.id), {
      state: 'released',
      cost: null,
    })
    assert.deepEqual(await world().usage(account), [{ attempt: 1, status: 'failed', credits: '0' }])
  })

  test('the story ends with the money and then the outcome', async ({ assert }) => {
    const account = await world().newAccount()
    const paid = await running(world(), account)
    await world().metered.finish(finishRequest(paid, { cost: '1' }))
    const failed = await running(world(), account)
    await world().metered.finish(finishRequest(failed, { cost: '0', state: 'failed' }))

    assert.deepEqual(await typesOf(account, paid.id), ['queued', 'running', 'settled', 'succeeded'])
    assert.deepEqual(await typesOf(account, failed.id), ['queued', 'running', 'released', 'failed'])
  })

  test('finishing twice answers with the first result and writes nothing', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    await world().metered.finish(finishRequest(job, { cost: '3' }))
    const before = await world().snapshot(account)

    const again = await world().metered.finish(
      finishRequest(job, { cost: '1', state: 'failed', usage: { ...usage, status: 'failed' } })
    )

    assert.deepEqual(again, { outcome: 'resolved', state: 'succeeded', charged: credits('3') })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('of twenty equal finishes at once, one finishes and the others find it', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })

    const results = await Promise.all(
      Array.from({ length: 20 }, () => world().metered.finish(finishRequest(job, { cost: '3' })))
    )

    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'finished'), 1)
    assert.equal(countOf(outcomes, 'resolved'), 19)
    assert.deepEqual(await movements(account, job.id), ['consume -3 → 7'])
  })

  test('a hold ends once, even for those who ask the ledger past its job', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const job = await running(world(), account, { hold: '4' })
    const ref = { accountId: account, jobId: job.id }

    const outcomes = await Promise.all(Array.from({ length: 10 }, () => world().resolveHold(ref)))
    const before = await world().snapshot(account)

    assert.equal(countOf(outcomes, 'now'), 1)
    assert.equal(countOf(outcomes, 'resolved'), 9)
    assert.equal(await world().resolveHold(ref), 'resolved')
    assert.deepEqual(await world().snapshot(account), before)
    assert.deepEqual(await balanceOf(world(), account), { available: '10', held: '0' })
  })

  test('many jobs of one account finish at once, each entry after the other', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '20' })
    const jobs = []
    for (let index = 0; index < 12; index++) jobs.push(await running(world(), account))

    await Promise.all(
      jobs.map((job, index) =>
        world().metered.finish(finishRequest(job, { cost: index % 2 ? '1' : '0.5' }))
      )
    )

    assert.deepEqual(await balanceOf(world(), account), { available: '11', held: '0' })
    assert.lengthOf(await world().ledger.entries(account, { limit: 100 }), 13)
  })

  test('a token that was overtaken is stale, and nothing is written', async ({ assert }) => {
    const account = await world().newAccount()
    const slow = await running(world(), account)
    await world().endLease({ accountId: account, jobId: slow.id })
    await world().queue.requeueLost(10)
    const stale: FinishRequest[] = [finishRequest(slow, { cost: '1' })]
    const queued = await world().snapshot(account)

    assert.deepEqual(await world().metered.finish(stale[0]), { outcome: 'stale' })
    assert.deepEqual(await world().snapshot(account), queued)
    const [second] = await claim(world())
    const taken = await world().snapshot(account)
    assert.deepEqual(await world().metered.finish(stale[0]), { outcome: 'stale' })
    assert.deepEqual(await world().snapshot(account), taken)

    const result = await world().metered.finish(finishRequest(second, { cost: '1' }))
    assert.deepInclude(result, { outcome: 'finished', state: 'succeeded' })
    assert.deepEqual(await world().metered.finish(stale[0]), { outcome: 'stale' })
    assert.deepEqual(await world().usage(account), [
      { attempt: 2, status: 'succeeded', credits: '1' },
    ])
  })

  test('a finish of a job that never was is a fault', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const lease = { ...leaseOf(job), jobId: newId('job') }

    await assert.rejects(() =>
      world().metered.finish({ ...finishRequest(job, { cost: '1' }), lease })
    )
  })

  test('outputs that cannot be written leave everything as it was', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const output = { id: 'ast_same', sha256: 'a', contentType: 'image/png', bytes: 1 }
    const before = await world().snapshot(account)

    await assert.rejects(() =>
      world().metered.finish(finishRequest(job, { cost: '1', outputs: [output, output] }))
    )

    assert.deepEqual(await world().snapshot(account), before)
    const again = await world().metered.finish(
      finishRequest(job, { cost: '1', outputs: [{ ...output, id: newId('ast') }] })
    )
    assert.equal(again.outcome, 'finished')
  })
}
