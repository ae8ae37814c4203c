import { Credits } from '#core/ledger/credits'
import { wrongQuery } from '#app/exceptions/query_string'

/** `forecast` and `add` of the balance. */
export function readBalanceRequest(query: Record<string, any>) {
  const { forecast = 'false', add } = query
  if (forecast !== 'true' && forecast !== 'false') {
    throw wrongQuery('forecast', '"forecast" must be true or false.')
  }
  if (add !== undefined && forecast === 'false') {
    throw wrongQuery('add', '"add" goes with forecast=true.')
  }
  return { wantsForecast: forecast === 'true', add: add === undefined ? undefined : read(add) }
}

function read(add: unknown): Credits {
  try {
    const credits = Credits.parse(String(add))
    if (credits.micro > 0n) return credits
  } catch {
    // Told below, in the words of the query.
  }
  throw wrongQuery('add', '"add" must be an amount of credits above zero, such as 250 or 12.5.')
}
