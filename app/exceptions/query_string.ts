import { ApiProblem } from './api_problem.js'

/** A day, or a moment with its zone. */
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** What is wrong with a part of a query string, as the API words it. */
export function wrongQuery(param: string, message: string) {
  return new ApiProblem({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_query',
    param,
    message,
  })
}

/** Refuses what is none of the fields: a misspelt filter would otherwise let everything through. */
export function refuseUnknown(query: Record<string, unknown>, fields: string[]) {
  const unknown = Object.keys(query).find((name) => !fields.includes(name))
  if (unknown === undefined) return
  throw wrongQuery(unknown, `"${unknown}" is not a filter. Known: ${fields.join(', ')}.`)
}

/** Reads `limit`: 1 to 100, 20 without one. */
export function readLimit(value: unknown): number {
  const limit = value === undefined ? 20 : Number(value)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit
  throw wrongQuery('limit', '"limit" must be a whole number from 1 to 100.')
}

/** Reads an instant, or nothing where there is none. */
export function readInstant(value: unknown, name: string): Date | undefined {
  if (value === undefined) return undefined
  const date = new Date(String(value))
  if (ISO.test(String(value)) && !Number.isNaN(date.getTime())) return date
  throw wrongQuery(name, `"${name}" must be an ISO 8601 instant such as 2030-01-31T08:00:00Z.`)
}
