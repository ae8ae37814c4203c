import { readInstant, readLimit, refuseUnknown, wrongQuery } from '#app/exceptions/query_string'
import { USAGE_GROUPS, type UsageGroup } from '#app/billing/queries/usage_query'

const DAY_MS = 86_400_000
const LONGEST_DAYS = 366

/** `limit` and `cursor` of the ledger's list. The cursor is a seq, so it needs no seal. */
export function readEntriesRequest(query: Record<string, any>) {
  refuseUnknown(query, ['limit', 'cursor'])
  if (query.cursor !== undefined && !/^\d{1,18}$/.test(String(query.cursor))) {
    throw wrongQuery('cursor', 'Take next_cursor of the page before.')
  }
  return {
    limit: readLimit(query.limit),
    before: query.cursor === undefined ? undefined : BigInt(query.cursor),
  }
}

/** `from`, `to` and `group_by` of the usage report; the last 30 days by default. */
export function readUsageRequest(query: Record<string, any>, now = new Date()) {
  refuseUnknown(query, ['from', 'to', 'group_by'])
  const to = readInstant(query.to, 'to') ?? now
  const from = readInstant(query.from, 'from') ?? new Date(to.getTime() - 30 * DAY_MS)
  if (from >= to) throw wrongQuery('from', '"from" must lie before "to".')
  if (to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS) {
    throw wrongQuery('from', `A report covers at most ${LONGEST_DAYS} days. Ask for less at once.`)
  }
  const groupBy = String(query.group_by ?? 'day') as UsageGroup
  if (!USAGE_GROUPS.includes(groupBy)) {
    throw wrongQuery('group_by', `"group_by" must be one of: ${USAGE_GROUPS.join(', ')}.`)
  }
  return { from, to, groupBy }
}
