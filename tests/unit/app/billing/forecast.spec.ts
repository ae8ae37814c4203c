import { test } from '@japa/runner'
import { forecast } from '#app/billing/forecast'

const DAY = 86_400_000
/** A Monday. */
const now = new Date('2027-02-01T00:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * DAY)

/** The days before now, by what each spent. */
const history = (days: number, credits: (weekday: number, n: number) => number) =>
  Array.from({ length: days }, (_, n) => {
    const at = inDays(n - days)
    return { day: at.toISOString().slice(0, 10), credits: credits(at.getUTCDay(), n) }
  })
const have = (amount: number, more = {}) => ({
  amount,
  from: null,
  expiresAt: null,
  priority: 50,
  ...more,
})
const at = (daily: ReturnType<typeof history>, ...credits: ReturnType<typeof have>[]) =>
  forecast({ now, zone: 'UTC', daily, credits })

test.group('The forecast', () => {
  test('says that there is not enough data below 14 days', ({ assert }) => {
    const young = at(
      history(13, () => 5),
      have(100)
    )

    assert.deepEqual(young, {
      status: 'not_enough_data',
      days: 13,
      pace: null,
      exhaustedAt: null,
    })
    assert.equal(
      at(
        history(14, () => 5),
        have(100)
      ).status,
      'ok'
    )
  })

  test('of even spending is one day, without a band', ({ assert }) => {
    const { pace, exhaustedAt } = at(
      history(28, () => 5),
      have(100)
    )

    assert.deepEqual(pace, { slow: 5, usual: 5, fast: 5 })
    assert.deepEqual(exhaustedAt, { early: inDays(20), likely: inDays(20), late: inDays(20) })
  })

  test('of uneven weeks is a band around what is usual', ({ assert }) => {
    const daily = history(28, (_, n) => [2, 4, 6, 20][Math.floor(n / 7)])

    const { pace, exhaustedAt } = at(daily, have(200))

    assert.isBelow(pace!.slow, pace!.usual)
    assert.isBelow(pace!.usual, pace!.fast)
    assert.isBelow(exhaustedAt!.early!.getTime(), exhaustedAt!.likely!.getTime())
    assert.isBelow(exhaustedAt!.likely!.getTime(), exhaustedAt!.late!.getTime())
  })

  test('is not swayed by one wild day', ({ assert }) => {
    const daily = history(28, (_, n) => (n === 3 ? 5000 : 5))

    const { pace } = at(daily, have(100))

    assert.equal(pace!.usual, 5)
  })

  test('knows the days of the week once there are three weeks of them', ({ assert }) => {
    const workdays = (weekday: number) => (weekday === 0 || weekday === 6 ? 0 : 10)

    // Monday to Friday spend 50, the weekend nothing: 60 last until the end of the next Monday.
    const { exhaustedAt } = at(history(28, workdays), have(60))

    assert.approximately(exhaustedAt!.likely!.getTime(), inDays(8).getTime(), 1000)
  })

  test('counts on no credit beyond its expiry', ({ assert }) => {
    const credits = [have(70, { expiresAt: inDays(10), priority: 20 }), have(10)]

    const { exhaustedAt } = at(
      history(28, () => 5),
      ...credits
    )

    assert.deepEqual(exhaustedAt!.likely, inDays(12))
  })

  test('counts on the credits of the plan when they come', ({ assert }) => {
    const { exhaustedAt } = at(
      history(28, () => 5),
      have(50),
      have(50, { from: inDays(10) })
    )
    const late = at(
      history(28, () => 5),
      have(50),
      have(50, { from: inDays(11) })
    )

    assert.deepEqual(exhaustedAt!.likely, inDays(20))
    assert.deepEqual(late.exhaustedAt!.likely, inDays(10))
  })

  test('of nothing spent, or of more than a year, is none', ({ assert }) => {
    const none = { early: null, likely: null, late: null }

    assert.deepEqual(
      at(
        history(28, () => 0),
        have(1)
      ).exhaustedAt,
      none
    )
    assert.deepEqual(
      at(
        history(28, () => 5),
        have(5 * 366)
      ).exhaustedAt,
      none
    )
  })

  test('of nothing left is now', ({ assert }) => {
    assert.deepEqual(at(history(28, () => 5)).exhaustedAt!.likely, now)
  })
})
