import type { RateRoom } from '#core/quota/rate_room'

/** The largest integer of a structured field. */
const LARGEST = 999_999_999_999_999n

/** After the IETF's draft on RateLimit header fields, the tightest rule first. None without a rule. */
export function rateLimitHeaders(rooms: RateRoom[]): Record<string, string> {
  if (rooms.length === 0) return {}
  const tightestFirst = rooms.toSorted(
    (a, b) => Number(a.left - b.left) || b.clearsInSeconds - a.clearsInSeconds
  )
  const policies = tightestFirst.map(
    ({ rule, limit, windowSeconds }) => `"${rule}";q=${fieldOf(limit)};w=${windowSeconds}`
  )
  const rest = tightestFirst.map(
    ({ rule, left, clearsInSeconds }) => `"${rule}";r=${fieldOf(left)};t=${clearsInSeconds}`
  )
  return { 'RateLimit-Policy': policies.join(', '), 'RateLimit': rest.join(', ') }
}

function fieldOf(amount: bigint): bigint {
  return amount < LARGEST ? amount : LARGEST
}
