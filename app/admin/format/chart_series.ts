import { Credits } from '#core/ledger/credits'
import { creditsText } from '#app/admin/format/amounts'
import type { DailyActivity } from '#app/admin/queries/daily_activity_query'

/** What a chart draws, and the same numbers as text for its table. */
export interface DailyChart {
  /** For the canvas: bars of each provider stacked by day. */
  drawing: { days: string[]; series: { name: string; values: number[] }[] }
  providers: { name: string; total: string }[]
  rows: { day: string; cells: string[]; total: string }[]
  total: string
}

interface Measure<Value> {
  of(activity: DailyActivity): Value
  zero: Value
  plus(a: Value, b: Value): Value
  number(value: Value): number
  text(value: Value): string
}

const JOBS: Measure<number> = {
  of: ({ jobs }) => jobs,
  zero: 0,
  plus: (a, b) => a + b,
  number: (value) => value,
  text: (value) => String(value),
}

const CREDITS: Measure<Credits> = {
  of: ({ spent }) => spent,
  zero: Credits.zero,
  plus: (a, b) => a.plus(b),
  // Only for the height of a bar.
  number: (value) => Number(value.toString()),
  text: creditsText,
}

export function jobsChart(activity: DailyActivity[], days: string[]): DailyChart {
  return chartOf(activity, days, JOBS)
}

export function creditsChart(activity: DailyActivity[], days: string[]): DailyChart {
  return chartOf(activity, days, CREDITS)
}

/** The last `count` days, today included, oldest first. In UTC. */
export function lastDays(count: number, now = new Date()): string[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  return Array.from({ length: count }, (_, index) =>
    new Date(today - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10)
  )
}

function chartOf<Value>(
  activity: DailyActivity[],
  days: string[],
  measure: Measure<Value>
): DailyChart {
  const names = [...new Set(activity.map(({ provider }) => provider))].sort()
  const values = new Map(activity.map((one) => [`${one.day} ${one.provider}`, measure.of(one)]))
  const at = (day: string, name: string) => values.get(`${day} ${name}`) ?? measure.zero
  const sum = (all: Value[]) => all.reduce((a, b) => measure.plus(a, b), measure.zero)
  const columns = names.map((name) => ({ name, values: days.map((day) => at(day, name)) }))
  return {
    drawing: {
      days,
      series: columns.map(({ name, values: column }) => ({
        name,
        values: column.map(measure.number),
      })),
    },
    providers: columns.map(({ name, values: column }) => ({
      name,
      total: measure.text(sum(column)),
    })),
    rows: days.toReversed().map((day) => {
      const row = names.map((name) => at(day, name))
      return { day, cells: row.map(measure.text), total: measure.text(sum(row)) }
    }),
    total: measure.text(sum(columns.flatMap(({ values: column }) => column))),
  }
}
