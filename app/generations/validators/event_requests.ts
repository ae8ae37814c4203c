import type { HttpContext } from '@adonisjs/core/http'
import { EVENT_TYPES } from '#core/streams/streams'
import { ApiProblem } from '#app/exceptions/api_problem'
import { wrongQuery } from '#app/exceptions/query_string'

/** What was seen last, from the header or, for a first visit, the query; empty is nothing. */
export function lastEventId(request: HttpContext['request']): string | null {
  const given = request.header('last-event-id') || request.qs().last_event_id
  return given === undefined || given === '' ? null : String(given)
}

export function wrongLastEventId(of: string): ApiProblem {
  return new ApiProblem({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_header',
    message: `Last-Event-ID is not the id of an event of ${of}. Send the id that this stream gave last, or none to begin anew.`,
  })
}

/** The types that are asked for; `null` for all. */
export function readTypes(value: unknown): ReadonlySet<string> | null {
  if (value === undefined) return null
  const types: unknown[] = Array.isArray(value) ? value : [value]
  const known: readonly unknown[] = EVENT_TYPES
  const unknown = types.find((type) => !known.includes(type))
  if (unknown !== undefined) {
    throw wrongQuery(
      'type',
      `Write type=value, once for each type. There are: ${EVENT_TYPES.join(', ')}.`
    )
  }
  return new Set(types as string[])
}

/** Where a reader without a last event begins. */
export function readFrom(value: unknown): 'now' | 'beginning' {
  if (value === undefined || value === 'now') return 'now'
  if (value === 'beginning') return 'beginning'
  throw wrongQuery('from', 'Write from=now or from=beginning.')
}
