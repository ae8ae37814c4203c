const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Brings the times of a page up to date, and into the zone of whoever reads it. */
export function tellTimes(root) {
  for (const element of root.querySelectorAll('time[data-as]')) {
    const at = new Date(element.dateTime)
    element.title = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })
    const text = WORDS[element.dataset.as](at)
    if (element.textContent !== text) element.textContent = text
  }
}

const WORDS = {
  distance,
  clock: (at) => at.toLocaleTimeString('en-GB'),
  day: (at) => at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }),
}

/** The same words as `distanceText` of the server. */
function distance(at) {
  const ms = Math.abs(Date.now() - at.getTime())
  if (ms < 5_000) return 'just now'
  const amount = amountOf(ms)
  return at.getTime() > Date.now() ? `in ${amount}` : `${amount} ago`
}

function amountOf(ms) {
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  const days = Math.floor(ms / DAY)
  return days === 1 ? '1 day' : `${days} days`
}
