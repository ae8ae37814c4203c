import { DateTime } from 'luxon'

/** A day, or a moment with its zone. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/
const SPAN = /^(\d{1,5})\s*(m|min|h|d|w|mo|y)$/
const UNITS = {
  m: 'minutes',
  min: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
  mo: 'months',
  y: 'years',
} as const

/** `2030-01-31T08:00:00Z` or `2030-01-31`; `null` for anything else. */
export function readInstant(text: string): Date | null {
  const date = new Date(text)
  return INSTANT.test(text) && !Number.isNaN(date.getTime()) ? date : null
}

/**
 * `36h`, `30d`, `2w`, `1mo` or `1y` after an instant, by the calendar of a zone: a month after the
 * 31st is the last day of a shorter month. `null` for anything else.
 */
export function spanAfter(from: Date, text: string, zone: string): Date | null {
  const [, amount, unit] = SPAN.exec(text.trim()) ?? []
  if (!unit || Number(amount) === 0) return null
  const moved = DateTime.fromJSDate(from, { zone }).plus({
    [UNITS[unit as keyof typeof UNITS]]: Number(amount),
  })
  return moved.isValid ? moved.toJSDate() : null
}
