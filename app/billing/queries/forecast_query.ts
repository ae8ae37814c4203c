import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'
import { AccountClock } from '#core/ledger/account_clock'
import type { Credits } from '#core/ledger/credits'
import { Plans } from '#core/plans/plans'
import { forecast, LOOKED_AT, type Forecast } from '#app/billing/forecast'

const MICRO = 1_000_000
const YEAR_MS = 365 * 86_400_000
/** Of what would be bought: an ordinary grant. */
const ORDINARY = 50

/** When the credits of an account run out, as they are or with `add` more. */
@inject()
export class ForecastQuery {
  constructor(
    private readonly clock: AccountClock,
    private readonly plans: Plans
  ) {}

  async handle(accountId: string, add?: Credits): Promise<Forecast> {
    const now = await this.clock.now(accountId)
    const [zone, grants, toCome] = await Promise.all([
      zoneOf(accountId),
      grantsOf(accountId),
      this.#toCome(accountId, now),
    ])
    const bought = add
      ? [{ amount: Number(add.micro) / MICRO, from: null, expiresAt: null, priority: ORDINARY }]
      : []
    const daily = await dailyOf(accountId, zone, now)
    return forecast({ now, zone, daily, credits: [...grants, ...toCome, ...bought] })
  }

  /** What the plan grants in the coming year, if it stays. */
  async #toCome(accountId: string, now: Date) {
    const at = new Date(now.getTime() + YEAR_MS)
    const [state, { parts }] = await Promise.all([
      this.plans.state(accountId),
      this.plans.reset(accountId, { dry: true, at }),
    ])
    return parts
      .filter(({ outcome }) => outcome !== 'exists')
      .map(({ amount, startsAt, expiresAt }) => ({
        amount: Number(amount.micro) / MICRO,
        from: startsAt,
        expiresAt,
        priority: state!.plan!.priority,
      }))
  }
}

async function zoneOf(accountId: string): Promise<string> {
  const row = await db.from('accounts').where('id', accountId).select('timezone').firstOrFail()
  return row.timezone
}

async function grantsOf(accountId: string) {
  const rows = await db
    .from('grants')
    .where({ account_id: accountId, live: true })
    .select('remaining_micro', 'expires_at', 'priority')
  return rows.map((row) => ({
    amount: Number(row.remaining_micro) / MICRO,
    from: null,
    expiresAt: row.expires_at as Date | null,
    priority: Number(row.priority),
  }))
}

/** The last 28 whole days in the account's zone, from the first that spent anything; idle ones are 0. */
async function dailyOf(accountId: string, zone: string, now: Date) {
  const today = DateTime.fromJSDate(now, { zone }).startOf('day')
  const first = today.minus({ days: LOOKED_AT })
  const { rows } = await db.rawQuery(
    `select to_char(created_at at time zone ?, 'YYYY-MM-DD') as day, sum(price_micro) as spent
     from usage_recorded where account_id = ? and created_at >= ? and created_at < ?
     group by 1`,
    [zone, accountId, first.toJSDate(), today.toJSDate()]
  )
  const { rows: known } = await db.rawQuery(
    `select exists (select from usage_recorded
       where account_id = ? and created_at < ? and price_micro > 0) as before`,
    [accountId, first.toJSDate()]
  )
  const spent = new Map<string, number>(
    rows.map(({ day, spent: micro }: { day: string; spent: string }) => [
      day,
      Number(micro) / MICRO,
    ])
  )
  const days = Array.from({ length: LOOKED_AT }, (_, n) => {
    const day = first.plus({ days: n }).toISODate()!
    return { day, credits: spent.get(day) ?? 0 }
  })
  if (known[0].before) return days
  const begin = days.findIndex(({ credits }) => credits > 0)
  return begin === -1 ? [] : days.slice(begin)
}
