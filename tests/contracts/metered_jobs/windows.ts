import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { DateTime } from 'luxon'
import type { LimitWindow } from '#core/quota/limit_rule'
import { finishRequest, running, started } from './requests.js'
import type { World } from './world.js'

const MINUTE = 60_000
const ROOM = 5_000

/** Lets a minute that is almost over pass: a window that ends midway is another test. */
export async function earlyInTheMinute() {
  const left = MINUTE - (Date.now() % MINUTE)
  if (left < ROOM) await wait(left + 100)
}

const ZONES = ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata', 'America/St_Johns']

export function windowsSuite(world: () => World) {
  const stateOf = async (accountId: string) => {
    const [state] = await world().quota.states({ accountId })
    return state
  }
  const accountWithRule = async (timezone: string, window: LimitWindow) => {
    const account = await world().newAccount({ timezone })
    await world().setRule(account, { scope: 'org', measure: 'credits', window, limit: 10_000_000n })
    return account
  }

  for (const window of ['day', 'month'] as const) {
    test(`a ${window} of a limit begins and ends when it does in {$self}`)
      .with(ZONES)
      .run(async ({ assert }, timezone) => {
        const account = await accountWithRule(timezone, window)
        await started(world(), account)

        const { windowStart, windowEnd, held } = await stateOf(account)

        // The state was read in the window that holds now, unless it ended just then.
        const start = DateTime.fromJSDate(windowStart, { zone: timezone })
        assert.isTrue(start.equals(start.startOf(window)))
        assert.equal(
          windowEnd!.toISOString(),
          start
            .plus({ [window]: 1 })
            .toUTC()
            .toISO()
        )
        assert.isAbove(windowEnd!.getTime(), Date.now() - ROOM)
        assert.isAtMost(windowStart.getTime(), Date.now())
        assert.equal(held, 1_000_000n)
      })
  }

  test('the {size} of {moment} in {zone} is {from} to {to}')
    .with([
      // 23 hours, 25 hours, a day that begins at one o'clock, and hours that are not whole.
      {
        size: 'day',
        moment: '2026-03-29T12:00:00Z',
        zone: 'Europe/Berlin',
        from: '2026-03-28T23:00:00.000Z',
        to: '2026-03-29T22:00:00.000Z',
      },
      {
        size: 'day',
        moment: '2026-10-25T12:00:00Z',
        zone: 'Europe/Berlin',
        from: '2026-10-24T22:00:00.000Z',
        to: '2026-10-25T23:00:00.000Z',
      },
      {
        size: 'day',
        moment: '2018-11-04T12:00:00Z',
        zone: 'America/Sao_Paulo',
        from: '2018-11-04T03:00:00.000Z',
        to: '2018-11-05T02:00:00.000Z',
      },
      {
        size: 'month',
        moment: '2028-02-29T23:30:00Z',
        zone: 'Asia/Kathmandu',
        from: '2028-02-29T18:15:00.000Z',
        to: '2028-03-31T18:15:00.000Z',
      },
      {
        size: 'month',
        moment: '2026-10-31T23:59:59.999999Z',
        zone: 'UTC',
        from: '2026-10-01T00:00:00.000Z',
        to: '2026-11-01T00:00:00.000Z',
      },
      {
        size: 'hour',
        moment: '2026-06-01T10:59:59Z',
        zone: 'Asia/Tokyo',
        from: '2026-06-01T10:00:00.000Z',
        to: '2026-06-01T11:00:00.000Z',
      },
      {
        size: 'minute',
        moment: '2026-06-01T10:59:59.999Z',
        zone: 'Asia/Tokyo',
        from: '2026-06-01T10:59:00.000Z',
        to: '2026-06-01T11:00:00.000Z',
      },
    ] as const)
    .run(async ({ assert }, { size, moment, zone, from, to }) => {
      assert.deepEqual(await world().windowAt(size, moment, zone), [from, to])
    })

  test('a total never ends', async ({ assert }) => {
    const account = await accountWithRule('UTC', 'total')
    await started(world(), account)

    const { windowEnd } = await stateOf(account)
    assert.isNull(windowEnd)
  })

  test('a job counts in the window it began in, though it ends in the next', async ({ assert }) => {
    const account = await accountWithRule('UTC', 'day')
    const job = await running(world(), account, { hold: '4' })
    await world().moveToYesterday(account)
    const today = await stateOf(account)

    await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.deepEqual([today.used, today.held], [0n, 0n])
    assert.deepInclude(await stateOf(account), { used: 0n, held: 0n })
    assert.deepInclude(await world().counterOfYesterday(account), { used: 3_000_000n, held: 0n })
  })

  test('the end of a job of yesterday changes nothing in the window of today', async ({
    assert,
  }) => {
    const account = await accountWithRule('UTC', 'day')
    const job = await running(world(), account, { hold: '4' })
    await world().moveToYesterday(account)
    await started(world(), account, { hold: '2' })

    await world().metered.finish(finishRequest(job, { cost: '3' }))

    assert.deepInclude(await stateOf(account), { used: 0n, held: 2_000_000n })
  })
}
