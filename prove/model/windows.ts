import { DateTime } from 'luxon'
import type { LimitWindow } from '#core/quota/limit_rule'

/** Microseconds since 1970; the ends of `total` are infinite. */
export type Micros = number

export interface Window {
  start: Micros
  end: Micros
}

/** The window an instant falls in, by the calendar of a time zone. Not by Postgres's own. */
export function windowOf(size: LimitWindow, at: Micros, zone: string): Window {
  if (size === 'total') return { start: -Infinity, end: Infinity }
  const start = DateTime.fromMillis(Math.floor(at / 1000), { zone }).startOf(size)
  const end = start.plus({ [`${size}s`]: 1 }).startOf(size)
  return { start: start.toMillis() * 1000, end: end.toMillis() * 1000 }
}
