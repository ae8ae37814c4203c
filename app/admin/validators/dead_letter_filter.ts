import type { DeadLetterPlace } from '#app/jobs/queries/dead_letters_query'

/** What an address asks of the list of dead letters. A place that is none begins at the newest. */
export function readDeadLetterFilter(query: Record<string, unknown>): {
  kind: string
  after?: DeadLetterPlace
} {
  const kind = typeof query.kind === 'string' ? query.kind.slice(0, 100) : ''
  const [endedAt, accountId, id] = String(query.older ?? '').split('~')
  if (!INSTANT.test(endedAt) || !accountId || !id) return { kind }
  return { kind, after: { endedAt, accountId, id } }
}

export function placeText({ endedAt, accountId, id }: DeadLetterPlace): string {
  return [endedAt, accountId, id].join('~')
}

/** As Postgres writes them. */
const INSTANT = /^20\d\d-[01]\d-[0-2]\d [0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/
