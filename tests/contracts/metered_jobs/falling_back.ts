import { test } from '@japa/runner'
import { newId } from '#core/ids'
import type { Budget } from '#core/quota/budgets'
import type { FallBackRequest, FallbackPayload } from '#core/queue/metered_jobs'
import type { ClaimedJob } from '#core/queue/types'
import type { LimitRule } from '#core/quota/limit_rule'
import {
  balanceOf,
  claim,
  countOf,
  credits,
  finishRequest,
  leaseOf,
  running,
  started,
  usage,
} from './requests.js'
import type { World } from './world.js'

const OTHER = {
  model: 'zeta/brush',
  provider: 'zeta',
  tries: 2,
  measures: { images: 1n },
}
const THIRD = { ...OTHER, model: 'acme/pencil', provider: 'acme' }
const ERROR = { class: 'provider_failed' as const, message: 'It broke.' }

const limitOf = (scope: 'provider' | 'model', options: Partial<LimitRule> = {}): LimitRule => ({
  scope,
  measure: 'concurrency',
  window: 'total',
  limit: 1n,
  onExceed: 'refuse',
  ...options,
})

/** Jobs whose caller named several models. */
export function fallingBackSuite(world: () => World) {
  const working = (account: string, limits: LimitRule[] = [], fallbacks = [OTHER, THIRD]) =>
    running(world(), account, { hold: '2', fallbacks, limits })

  const carried = ({ payload }: ClaimedJob) => payload as unknown as FallbackPayload

  function fallBack(job: ClaimedJob, options: Partial<FallBackRequest> = {}) {
    const [to, ...rest] = carried(job).fallbacks
    return world().metered.fallBack({
      ...{ lease: leaseOf(job), to, rest, skipped: [], limits: [] },
      ...{ error: ERROR, usage: { ...usage, status: 'failed', errorClass: ERROR.class } },
      ...options,
    })
  }

  async function next(job: ClaimedJob): Promise<ClaimedJob> {
    const claimed = await claim(world(), 100)
    return claimed.find(({ id }) => id === job.id)!
  }

  const countersOf = async (account: string) => {
    const counters = await world().counters(account)
    return Object.fromEntries(
      counters.map(({ scopeId, measure, used, held }) => [
        `${scopeId} ${measure}`,
        `${used} used, ${held} held`,
      ])
    )
  }

  test('the next model goes on with the hold, and only the one that delivers is paid', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await working(account)
    assert.deepEqual(carried(first).models, ['acme/painter', 'zeta/brush', 'acme/pencil'])
    const loss = {
      kind: 'fallback' as const,
      credits: credits('0.5'),
      vendorCostMicroUsd: 10_000n,
      assumed: false,
    }

    assert.deepEqual(await fallBack(first, { loss }), { outcome: 'moved' })

    const second = await next(first)
    assert.containSubset(second, { attempt: 2, maxAttempts: 3, handle: null, inDoubt: false })
    assert.containSubset(carried(second), { before: 1, fallbacks: [{ model: 'acme/pencil' }] })
    assert.deepEqual(await balanceOf(world(), account), { available: '8', held: '2' })
    await world().metered.finish(
      finishRequest(second, { cost: '1.5', usage: { ...usage, model: 'zeta/brush' } })
    )
    assert.deepEqual(await balanceOf(world(), account), { available: '8.5', held: '0' })
    assert.deepEqual(await world().usage(account), [
      { attempt: 1, status: 'failed', credits: '0' },
      { attempt: 2, status: 'succeeded', credits: '1.5' },
    ])
    assert.deepEqual(await world().losses(account), [
      { jobId: first.id, kind: 'fallback', credits: '0.5' },
    ])
  })

  test('it is counted for the model that works, and no more for the one that did not', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const limits = [
      limitOf('provider'),
      limitOf('model'),
      limitOf('model', { measure: 'requests', window: 'day', limit: 5n }),
      limitOf('model', { measure: 'credits', window: 'month', limit: 9_000_000n }),
    ]
    for (const { limit, ...rule } of limits) await world().setRule(account, { ...rule, limit })
    const first = await working(account)

    await fallBack(first)

    assert.deepEqual(await countersOf(account), {
      'acme concurrency': '0 used, 0 held',
      'acme/painter concurrency': '0 used, 0 held',
      'acme/painter requests': '1 used, 0 held',
      'acme/painter credits': '0 used, 0 held',
      'zeta concurrency': '0 used, 1 held',
      'zeta/brush concurrency': '0 used, 1 held',
      'zeta/brush requests': '1 used, 0 held',
      'zeta/brush credits': '0 used, 2000000 held',
    })
    const second = await next(first)
    await world().metered.finish(finishRequest(second, { cost: '1.5' }))
    assert.containSubset(await countersOf(account), {
      'acme/painter credits': '0 used, 0 held',
      'zeta/brush credits': '1500000 used, 0 held',
      'zeta/brush concurrency': '0 used, 0 held',
    })
  })

  test('of the same provider another model needs no second place there', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const limits = [limitOf('provider')]
    const first = await working(account, limits, [THIRD])

    assert.deepEqual(await fallBack(first, { limits }), { outcome: 'moved' })
  })

  test('a limit of the next model that is reached refuses it, and nothing is written', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const limits = [limitOf('model')]
    await started(world(), account, { model: 'zeta/brush', provider: 'zeta', limits })
    const first = await working(account)
    const before = await world().snapshot(account)

    const result = await fallBack(first, { limits })

    assert.deepEqual(result, { outcome: 'refused', because: 'limit_exceeded' })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('a budget over all accounts counts who works; one that is at its end refuses the next', async ({
    assert,
  }) => {
    const [full, wide] = [newId('org'), newId('org')]
    const budget = (provider: string, limit: bigint): Budget => ({
      ...{ id: `provider:${provider}`, measure: 'credits', window: 'day', onExceed: 'refuse' },
      limit,
    })
    await world().budgets.set(budget(full, 3_000_000n), 'system:test')
    await world().budgets.set(budget(wide, 9_000_000n), 'system:test')
    const [other, account] = [await world().newAccount(), await world().newAccount()]
    await started(world(), other, { hold: '2', provider: full, model: `${full}/brush` })
    const named = (provider: string) => ({ ...OTHER, provider, model: `${provider}/brush` })
    const first = await working(account, [], [named(full), named(wide)])
    const [toFull, toWide] = carried(first).fallbacks

    const refused = await fallBack(first, { to: toFull })
    assert.deepEqual(refused, { outcome: 'refused', because: 'limit_exceeded' })
    assert.deepEqual(await fallBack(first, { to: toWide, rest: [] }), { outcome: 'moved' })

    const heldOf = async (provider: string) => {
      const states = await world().budgets.list()
      return states.find(({ id }) => id === `provider:${provider}`)!.held
    }
    assert.equal(await heldOf(full), 2_000_000n)
    assert.equal(await heldOf(wide), 2_000_000n)
    const second = await next(first)
    await world().metered.finish(finishRequest(second, { cost: '1' }))
    assert.equal(await heldOf(wide), 0n)
    for (const provider of [full, wide]) {
      await world().budgets.remove(budget(provider, 1n), 'system:test')
    }
  })

  test('credits that were given for one model pay for no other', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const [grant] = await world().grants(account)
    await world().restrictGrant(account, grant.id, { models: ['acme/painter'] })
    const first = await working(account)
    const before = await world().snapshot(account)

    const result = await fallBack(first)

    assert.deepEqual(result, { outcome: 'refused', because: 'credits_restricted' })
    assert.deepEqual(await world().snapshot(account), before)
    await world().restrictGrant(account, grant.id, { kinds: ['image'] })
    assert.deepEqual(await fallBack(first), { outcome: 'moved' })
  })

  test('of many at once one moves it; a worker that lost it moves nothing', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await working(account)

    const results = await Promise.all(Array.from({ length: 8 }, () => fallBack(first)))

    assert.equal(
      countOf(
        results.map(({ outcome }) => outcome),
        'moved'
      ),
      1
    )
    const second = await next(first)
    const before = await world().snapshot(account)
    assert.deepEqual(await fallBack(first), { outcome: 'stale' })
    assert.deepEqual(await world().snapshot(account), before)
    assert.equal(second.attempt, 2)
  })

  test('one that was asked to stop stays where it is', async ({ assert }) => {
    const account = await world().newAccount({ credits: '10' })
    const first = await working(account)
    await world().metered.cancel({ accountId: account, jobId: first.id }, 'system:test')

    assert.deepEqual(await fallBack(first), { outcome: 'stale' })
  })

  test('one that waits for a provider is found and moved, without an attempt', async ({
    assert,
  }) => {
    const account = await world().newAccount({ credits: '10' })
    const { jobId } = await started(world(), account, { fallbacks: [OTHER] })
    await started(world(), account)

    const waiting = await world().metered.waitingFor(['acme'], 10)

    const mine = waiting.filter(({ accountId }) => accountId === account)
    assert.deepEqual(
      mine.map((one) => [one.jobId, one.model]),
      [[jobId, 'acme/painter']]
    )
    const [{ payload, ...lease }] = mine
    const [to, ...rest] = payload.fallbacks
    const move = { lease, idle: true, to, rest, skipped: [], limits: [] }
    assert.deepEqual(await world().metered.fallBack(move), { outcome: 'moved' })
    assert.deepEqual(await world().metered.waitingFor(['zeta'], 10), [])
    const claimed = await claim(world(), 100)
    const job = claimed.find(({ id }) => id === jobId)!
    assert.equal(job.attempt, 1)
    assert.deepEqual(await world().usage(account), [])
    // Whoever works on it has it now.
    assert.deepEqual(await world().metered.fallBack(move), { outcome: 'stale' })
  })
}
