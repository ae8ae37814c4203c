const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})$/

/** Why a text is no instant. */
export class TimeProblem extends Error {}

export function isTimezone(zone: string): boolean {
  // An offset such as +02:00 is taken by Intl too, and is no zone: it knows no summer.
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/**
 * Whether a zone is the same to this process and to Postgres, which opens the windows of limits.
 * Abbreviations and offsets are not: Postgres takes IST for Israel's time, CET for one without a
 * summer, and `+02:00` for what lies two hours west.
 */
export function isSharedTimezone(zone: string): boolean {
  return isTimezone(zone) && (zone.includes('/') || /^(utc|gmt)$/i.test(zone))
}

/**
 * Reads a day, a local time of `zone`, or an instant with its own offset. Throws
 * `TimeProblem` for a day that no calendar has and an hour that a zone leaves out.
 */
export function instantOf(text: string, zone: string): Date {
  const [, local, offset] = INSTANT.exec(text) ?? []
  if (local) {
    utcOf(local.replace(/\.\d+$/, ''))
    const at = new Date(local + offset)
    if (Number.isNaN(at.getTime())) throw new TimeProblem(`"${text}" is an hour that no day has.`)
    return at
  }
  if (!isTimezone(zone)) {
    throw new TimeProblem(
      `There is no time zone "${zone}". Write one such as Europe/Berlin or UTC.`
    )
  }
  const wall = utcOf(text)
  // The offset of the wall's time is guessed from the instant of the same name in UTC, twice:
  // near a change of clocks the first guess is of the wrong side.
  let at = wall - offsetOf(wall, zone)
  at = wall - offsetOf(at, zone)
  if (at + offsetOf(at, zone) !== wall) {
    throw new TimeProblem(`${text} does not exist in ${zone}: the clocks leave that hour out.`)
  }
  return new Date(at)
}

/** Milliseconds of a wall clock's time as if it were of UTC. */
function utcOf(text: string): number {
  const match = DATE.exec(text)
  if (!match) {
    throw new TimeProblem(`"${text}" is no date. Write 2027-01-31 or 2027-01-31T08:00.`)
  }
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part))) as number[]
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const same = new Date(time).toISOString().slice(0, 19)
  const wanted = `${text.slice(0, 10)}T${[hour, minute, second].map((n) => String(n).padStart(2, '0')).join(':')}`
  if (same !== wanted) throw new TimeProblem(`${text} is a date that no calendar has.`)
  return time
}

function offsetOf(time: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time)
  const part = (type: string) => Number(parts.find((one) => one.type === type)!.value)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second')
  )
  return wall - Math.floor(time / 1000) * 1000
}
