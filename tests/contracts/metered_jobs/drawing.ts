import { test } from '@japa/runner'
import type { GrantRequest } from '#core/ledger/types'
import {
  balanceOf,
  claim,
  credits,
  finishRequest,
  outcomeOf,
  running,
  startRequest,
  started,
} from './requests.js'
import type { World } from './world.js'

const HOUR = 3_600_000

export function drawingSuite(world: () => World) {
  /** Grants by name, in the order they are written here. */
  async function accountWith(grants: Record<string, Partial<GrantRequest>>) {
    const accountId = await world().newAccount({ credits: '0' })
    const names: Record<string, string> = {}
    for (const [name, options] of Object.entries(grants)) {
      const { grantId } = await world().ledger.grant({
        accountId,
        kind: 'topup',
        amount: credits('10'),
        source: 'test',
        sourceRef: name,
        actor: 'system:test',
        reason: name,
        ...options,
      })
      names[grantId] = name
    }
    return { accountId, names }
  }

  test('a start holds its ceiling, writes the generation and hands out the job', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const deadline = new Date(Date.now() + 60_000)

    const ref = await started(world(), account, { hold: '2.5', deadline })

    assert.deepEqual(await balanceOf(world(), account), { available: '7.5', held: '2.5' })
    const hold = await world().ledger.hold(account, ref.jobId)
    assert.deepInclude(hold, {
      amount: credits('2.5'),
      state: 'held',
      cost: null,
      resolvedAt: null,
    })
    assert.isAbove(hold!.expiresAt.getTime(), deadline.getTime())
    const [job] = await claim(world())
    assert.deepInclude(job, {
      accountId: account,
      id: ref.jobId,
      payload: { generation: ref.generationId },
      attempt: 1,
      handle: null,
      deadline,
    })
  })

  test('holding is no entry: the history changes only when something was paid', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    await started(world(), account)

    assert.lengthOf(await world().ledger.entries(account, { limit: 10 }), 1)
  })

  test('credits are drawn by priority, then by what expires first, then by age', async ({
    assert,
  }) => {
    const { accountId, names } = await accountWith({
      'last, low priority though it expires first': {
        priority: 90,
        expiresAt: new Date(Date.now() + HOUR),
      },
      'fourth, never expires': {},
      'fifth, never expires and is younger': {},
      'third, expires later': { expiresAt: new Date(Date.now() + 3 * HOUR) },
      'second, expires sooner': { expiresAt: new Date(Date.now() + 2 * HOUR) },
      'first, high priority': { priority: 10 },
    })

    const { jobId } = await started(world(), accountId, { hold: '55' })

    const hold = await world().ledger.hold(accountId, jobId)
    assert.deepEqual(
      hold!.slices.map(({ grantId, amount }) => [names[grantId], amount.toString()]),
      [
        ['first, high priority', '10'],
        ['second, expires sooner', '10'],
        ['third, expires later', '10'],
        ['fourth, never expires', '10'],
        ['fifth, never expires and is younger', '10'],
        ['last, low priority though it expires first', '5'],
      ]
    )
  })

  test('a grant past its time is not drawn from, and its end is written on the way', async ({
    assert,
  }) => {
    const { accountId, names } = await accountWith({ gone: { priority: 1 }, good: {} })
    const gone = Object.keys(names).find((id) => names[id] === 'gone')!
    await world().endGrant(accountId, gone)

    const { jobId } = await started(world(), accountId, { hold: '10' })

    const hold = await world().ledger.hold(accountId, jobId)
    assert.deepEqual(
      hold!.slices.map(({ grantId }) => names[grantId]),
      ['good']
    )
    const [entry] = await world().ledger.entries(accountId, { limit: 1 })
    assert.deepInclude(entry, { kind: 'expire', grantId: gone, amount: credits('-10') })
    assert.deepEqual(await balanceOf(world(), accountId), { available: '0', held: '10' })
  })

  test('a grant for some models pays for those, and only for those', async ({ assert }) => {
    const { accountId, names } = await accountWith({ painters: { priority: 1 }, anything: {} })
    const painters = Object.keys(names).find((id) => names[id] === 'painters')!
    const drawnFor = async (to: { models?: string[]; kinds?: string[] }, hold: string) => {
      await world().restrictGrant(accountId, painters, to)
      const result = await world().metered.start(startRequest(accountId, { hold }))
      if (result.outcome !== 'started') return outcomeOf(result)
      const found = await world().ledger.hold(accountId, result.jobId)
      await world().metered.cancel({ accountId, jobId: result.jobId }, 'system:test')
      return found!.slices.map(({ grantId }) => names[grantId])
    }

    assert.deepEqual(await drawnFor({ models: ['acme/painter'] }, '1'), ['painters'])
    assert.deepEqual(await drawnFor({ kinds: ['image'] }, '1'), ['painters'])
    assert.deepEqual(await drawnFor({ models: ['acme/other'] }, '1'), ['anything'])
    assert.deepEqual(await drawnFor({ kinds: ['video'] }, '1'), ['anything'])
    assert.deepEqual(await drawnFor({ models: ['acme/painter'] }, '11'), ['painters', 'anything'])
    assert.equal(await drawnFor({ models: ['acme/other'] }, '11'), 'insufficient_credits')
  })

  test('the whole balance can be held, to the last micro-credit', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0.000003' })
    await started(world(), account, { hold: '0.000002' })

    await started(world(), account, { hold: '0.000001' })

    assert.deepEqual(await balanceOf(world(), account), { available: '0', held: '0.000003' })
  })

  test('a job that costs nothing runs on an empty account', async ({ assert }) => {
    const account = await world().newAccount({ credits: '0' })
    await world().setRule(account, {
      scope: 'org',
      measure: 'concurrency',
      window: 'total',
      limit: 1n,
    })

    const job = await running(world(), account, { hold: '0' })
    const result = await world().metered.finish(finishRequest(job, { cost: '0' }))

    assert.deepInclude(result, { outcome: 'finished', state: 'succeeded' })
    assert.deepEqual(await world().ledger.entries(account, { limit: 1 }), [])
    const [{ held }] = await world().quota.states({ accountId: account })
    assert.equal(held, 0n)
  })
}
