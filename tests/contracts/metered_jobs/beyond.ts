import { test } from '@japa/runner'
import type { StartResult } from '#core/queue/metered_jobs'
import type { LimitRule } from '#core/quota/limit_rule'
import { claim, finishRequest, outcomeOf, running, startRequest } from './requests.js'
import { earlyInTheMinute } from './windows.js'
import type { Process, World } from './world.js'

type Started = Extract<StartResult, { outcome: 'started' }>

const rule = (options: Partial<LimitRule>): LimitRule => ({
  scope: 'org',
  measure: 'requests',
  window: 'day',
  limit: 2n,
  onExceed: 'queue',
  ...options,
})

/** What limits do with what is beyond them, but to refuse. */
export function beyondSuite(world: () => World) {
  const start = async (
    account: string,
    limits: LimitRule[],
    options: Parameters<typeof startRequest>[1] = {}
  ) => {
    const deadline = new Date(Date.now() + 5 * 86_400_000)
    const request = startRequest(account, { limits, deadline, ...options })
    return (await world().metered.start(request)) as Started
  }
  const letGo = async (limits: LimitRule[], process: Process = world()) => {
    const gates = await process.metered.openGates(100)
    const admitted = await Promise.all(
      gates.map((gate) => process.metered.admit(gate, { limits, limit: 100 }))
    )
    return admitted.flat().map(({ jobId }) => jobId)
  }
  const heldOf = async (account: string) => {
    const { held } = await world().ledger.balance(account)
    return held.toString()
  }
  const handOut = async () => {
    const jobs = await claim(world(), 100)
    return jobs.map(({ id }) => id)
  }
  const stateOf = async (account: string, limit: LimitRule) => {
    await world().setRule(account, limit)
    const [state] = await world().quota.states({ accountId: account })
    return state
  }

  test('a limit that only observes lets everything pass, counts it and says what it would refuse', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({ onExceed: 'observe' })]

    const results: Started[] = []
    for (let n = 0; n < 4; n++) results.push(await start(account, limits))

    assert.deepEqual(
      results.map(({ observed }) => observed?.map(({ rule: name, used }) => [name, used])),
      [undefined, undefined, [['org_requests_per_day', 2n]], [['org_requests_per_day', 3n]]]
    )
    assert.deepInclude(await stateOf(account, limits[0]), { used: 4n, onExceed: 'observe' })
  })

  test('what one limit observes another still refuses, and nothing is written', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [
      rule({ onExceed: 'observe', limit: 0n }),
      rule({ onExceed: 'refuse', limit: 0n, window: 'month' }),
    ]
    const before = await world().snapshot(account)

    const result = await world().metered.start(startRequest(account, { limits }))

    assert.containSubset(result, { refusal: { limit: { rule: 'org_requests_per_month' } } })
    assert.deepEqual(await world().snapshot(account), before)
  })

  test('what is beyond a limit that lets wait is held, and handed out when a window has room', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({})]

    const results: Started[] = []
    for (let n = 0; n < 5; n++) results.push(await start(account, limits))

    const [, , third, fourth, fifth] = results
    assert.deepEqual(
      results.map(({ waiting }) => waiting?.rule),
      [undefined, undefined, ...Array(3).fill('org_requests_per_day')]
    )
    // Two of a day: the fifth waits for the day after the next.
    const days = [third, fourth, fifth].map(({ waiting }) => waiting!.until!.getTime())
    assert.equal(days[0], days[1])
    assert.equal(days[2] - days[0], 86_400_000)
    assert.lengthOf(await claim(world(), 100), 2)
    assert.equal(await heldOf(account), '5')
    assert.deepEqual(await letGo(limits), [])

    await world().moveToYesterday(account)
    assert.deepEqual(await letGo(limits), [third.jobId, fourth.jobId])
    assert.deepEqual(await letGo(limits), [])
    assert.sameMembers(await handOut(), [third.jobId, fourth.jobId])

    await world().moveToYesterday(account)
    assert.deepEqual(await letGo(limits), [fifth.jobId])
    assert.deepInclude(await stateOf(account, limits[0]), { used: 1n, waiting: 0n })
  })

  test('processes that let go at once let go what has room, and nothing twice', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({ limit: 3n })]
    for (let n = 0; n < 12; n++) await start(account, limits)
    await world().moveToYesterday(account)
    const neighbour = await world().neighbour()

    const admitted = await Promise.all(
      [world(), neighbour, world(), neighbour].map((process) => letGo(limits, process))
    )

    await neighbour.close()
    assert.lengthOf(admitted.flat(), 3)
    assert.deepInclude(await stateOf(account, limits[0]), { used: 3n, waiting: 6n })
  })

  test('nobody who comes later passes those who wait', async ({ assert }) => {
    const account = await world().newAccount()
    const limits = [rule({})]
    for (let n = 0; n < 3; n++) await start(account, limits)
    await world().moveToYesterday(account)

    const next = await start(account, limits)
    const behind = await start(account, limits)

    // One of the two places of the new window is taken by who waits.
    assert.isUndefined(next.waiting)
    assert.isDefined(behind.waiting)
  })

  test('a job waits for another to end where a limit counts jobs at once', async ({ assert }) => {
    const account = await world().newAccount()
    const limits = [rule({ measure: 'concurrency', window: 'total', limit: 1n })]
    const first = await running(world(), account, { limits })
    const second = await start(account, limits)
    assert.isNull(second.waiting!.until)
    assert.deepEqual(await letGo(limits), [])

    await world().metered.finish(finishRequest(first, { cost: '1' }))

    assert.deepEqual(await letGo(limits), [second.jobId])
    const third = await start(account, limits)
    assert.isDefined(third.waiting)
    assert.deepEqual(await handOut(), [second.jobId])
  })

  test('a wait beyond the deadline is refused at once', async ({ assert }) => {
    await earlyInTheMinute()
    const account = await world().newAccount()
    const limits = [rule({ limit: 1n, window: 'minute' })]
    // In the middle of the next minute: the first wait ends before it, the second after it.
    const deadline = new Date((Math.floor(Date.now() / 60_000) + 1.5) * 60_000)
    await start(account, limits)

    const soon = await start(account, limits, { deadline })
    const late = await start(account, limits, { deadline })
    const tooMuch = await start(account, [rule({ measure: 'images', limit: 3n })], {
      measures: { images: 4n },
    })

    assert.isDefined(soon.waiting)
    assert.deepEqual([outcomeOf(late), outcomeOf(tooMuch)], ['limit_exceeded', 'limit_exceeded'])
  })

  test('what waits and is canceled, or misses its deadline, waits no more and is free', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({ limit: 1n })]
    await start(account, limits)
    const { jobId } = await start(account, limits)
    const missed = await start(account, limits)
    const late = { accountId: account, jobId: missed.jobId }

    await world().metered.cancel({ accountId: account, jobId }, 'system:test')
    await world().endDeadline(late)
    await world().metered.expire(late, 'deadline')

    assert.deepInclude(await stateOf(account, limits[0]), { used: 1n, waiting: 0n })
    await world().moveToYesterday(account)
    assert.deepEqual(await letGo(limits), [])
    assert.equal(await heldOf(account), '1')
  })

  test('a budget of credits counts what waits when it is let go, and what it cost at the end', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const limits = [rule({ measure: 'credits', limit: 5_000_000n })]
    await start(account, limits, { hold: '4' })
    await start(account, limits, { hold: '4' })
    await world().moveToYesterday(account)
    await claim(world(), 100)

    const [jobId] = await letGo(limits)
    const [job] = await claim(world(), 100)
    const during = await stateOf(account, limits[0])
    await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.equal(job.id, jobId)
    assert.deepInclude(during, { held: 4_000_000n, used: 0n, waiting: 0n })
    const [after] = await world().quota.states({ accountId: account })
    assert.deepInclude(after, { held: 0n, used: 3_000_000n })
  })

  test('a rule that is taken away, or widened, lets go what waited for it', async ({ assert }) => {
    const account = await world().newAccount()
    const own = { ...rule({ limit: 1n }), scopeId: '*' }
    await world().quota.setRule(account, own, 'system:test')
    for (let n = 0; n < 4; n++) await start(account, [])

    await world().quota.setRule(account, { ...own, limit: 2n }, 'system:test')
    const widened = await letGo([])
    await world().quota.removeRule(account, own)
    const gone = await letGo([])

    assert.deepEqual([widened.length, gone.length], [1, 2])
    assert.lengthOf(await claim(world(), 100), 4)
  })
}
