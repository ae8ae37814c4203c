import { Credits } from '#core/ledger/credits'
import { readPastInstant } from '#app/billing/validators/list_requests'
import { refuseUnknown, wrongQuery } from '#app/exceptions/query_string'

/** `forecast` and `add` of the balance. */
export function readBalanceRequest(query: Record<string, any>) {
  const { at, forecast = 'false', add } = refuseUnknown(query, ['at', 'forecast', 'add'])
  if (forecast !== 'true' && forecast !== 'false') {
    throw wrongQuery('forecast', '"forecast" must be true or false.')
  }
  if (add !== undefined && forecast === 'false') {
    throw wrongQuery('add', '"add" goes with forecast=true.')
  }
  if (at !== undefined && forecast === 'true') {
    throw wrongQuery('forecast', 'A forecast is of now. Leave "at" or "forecast" out.')
  }
  return {
    at: readPastInstant(at, 'at'),
    wantsForecast: forecast === 'true',
    add: add === undefined ? undefined : read(add),
  }
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
