import { DateTime } from 'luxon'

const DAY_MS = 86_400_000
/** Whole days of spending that are looked at. */
export const LOOKED_AT = 28
/** With fewer there is no telling. */
export const NEEDED = 14
/** From here on each weekday was seen three times. */
const FOR_WEEKDAYS = 21
const WEEK = 7
/** How far ahead it looks. */
const HORIZON = 365

/** Credits as numbers: an estimate is no money. */
interface Credit {
  amount: number
  /** When it comes; `null` is there already. */
  from: Date | null
  expiresAt: Date | null
  /** Drawn from low to high. */
  priority: number
}

interface Known {
  now: Date
  zone: string
  /** What each whole day spent, oldest first, at most the last 28; from the first that had any. */
  daily: { day: string; credits: number }[]
  credits: Credit[]
}

export interface Forecast {
  /** `not_enough_data`: fewer than 14 whole days since the first spending. */
  status: 'ok' | 'not_enough_data'
  /** Whole days of spending it is based on. */
  days: number
  /** Credits a day: of a slow, a usual and a fast week. */
  pace: { slow: number; usual: number; fast: number } | null
  /**
   * When a day's spending can no longer be paid: at the fast, the usual and the slow pace. `null`:
   * not within a year.
   */
  exhaustedAt: { early: Date | null; likely: Date | null; late: Date | null } | null
}

/**
 * When credits run out, if spending goes on as it did.
 *
 * The pace is that of whole weeks, so that weekends and single days do not sway it: of all runs of
 * seven days in the last 28 the 10 % quantile (slow), the median (usual) and the 90 % quantile
 * (fast). With three weeks of data the days of a week keep their shares of it. Then day by day for
 * a year: grants expire, the credits of the plan come, and a day is drawn in the order of the ledger.
 */
export function forecast(known: Known): Forecast {
  const { daily } = known
  if (daily.length < NEEDED) {
    return { status: 'not_enough_data', days: daily.length, pace: null, exhaustedAt: null }
  }
  const spent = daily.map(({ credits }) => credits)
  const weeks = spent.slice(WEEK - 1).map((_, n) => sum(spent.slice(n, n + WEEK)) / WEEK)
  const pace = {
    slow: quantile(weeks, 0.1),
    usual: quantile(weeks, 0.5),
    fast: quantile(weeks, 0.9),
  }
  const shares = weekdayShares(daily)
  const at = (perDay: number) => exhaustion(known, perDay, shares)
  return {
    status: 'ok',
    days: daily.length,
    pace,
    exhaustedAt: { early: at(pace.fast), likely: at(pace.usual), late: at(pace.slow) },
  }
}

/** How much of an average day each weekday spends, from Monday. All the same with little data. */
function weekdayShares(daily: Known['daily']): number[] {
  const mean = sum(daily.map(({ credits }) => credits)) / daily.length
  if (daily.length < FOR_WEEKDAYS || mean === 0) return Array(WEEK).fill(1)
  const means = Array.from({ length: WEEK }, (_, weekday) => {
    const same = daily.filter(({ day }) => DateTime.fromISO(day).weekday === weekday + 1)
    return sum(same.map(({ credits }) => credits)) / same.length
  })
  // Together they make a whole week, however the weekdays are spread over the days looked at.
  const whole = sum(means)
  return means.map((one) => (one / whole) * WEEK)
}

function exhaustion({ now, zone, credits }: Known, pace: number, shares: number[]): Date | null {
  if (pace === 0) return null
  const left = credits.map((one) => ({ ...one })).sort(inDrawOrder)
  for (let day = 0; day < HORIZON; day++) {
    const begins = new Date(now.getTime() + day * DAY_MS)
    const wanted = pace * shares[DateTime.fromJSDate(begins, { zone }).weekday - 1]
    let missing = wanted
    for (const one of left) {
      const isThere = !one.from || one.from <= begins
      if (!isThere || (one.expiresAt && one.expiresAt <= begins)) continue
      const part = Math.min(one.amount, missing)
      one.amount -= part
      missing -= part
    }
    // More than what floating numbers lose.
    if (missing > wanted * 1e-9) {
      return new Date(begins.getTime() + (1 - missing / wanted) * DAY_MS)
    }
  }
  return null
}

function inDrawOrder(a: Credit, b: Credit): number {
  const expiry = (one: Credit) => one.expiresAt?.getTime() ?? Infinity
  if (a.priority !== b.priority) return a.priority - b.priority
  return expiry(a) === expiry(b) ? 0 : expiry(a) - expiry(b)
}

/** Between the two nearest values, in proportion. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place - Math.floor(place))
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
