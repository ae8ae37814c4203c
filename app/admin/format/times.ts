const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long something took: `820 ms`, `3.2 s`, `1 min 5 s`, `2 h 4 min`. */
export function durationText(ms: number): string {
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / SECOND).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How far away an instant is: `just now`, `5 min ago`, `in 3 h`, `12 days ago`. */
export function distanceText(at: Date, now = new Date()): string {
  const ms = Math.abs(now.getTime() - at.getTime())
  if (ms < 5 * SECOND) return 'just now'
  const amount = amountOf(ms)
  return at > now ? `in ${amount}` : `${amount} ago`
}

/** `22 Nov 2026, 14:32:05 UTC`. */
export function instantText(at: Date): string {
  return `${dayText(at)}, ${clockText(at)} UTC`
}

/** `14:32:05`, in UTC. */
export function clockText(at: Date): string {
  return at.toISOString().slice(11, 19)
}

/** `22 Nov 2026`, in UTC. */
export function dayText(at: Date): string {
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

function amountOf(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  const days = Math.floor(ms / DAY)
  return days === 1 ? '1 day' : `${days} days`
}
