import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { EventStream } from '#app/generations/event_stream'
import { GenerationEventsQuery } from '#app/generations/queries/generation_events_query'
import { readStreamToken } from '#app/generations/stream_token'
import { UnauthenticatedException } from '#app/identity/errors'
import { admit } from '#app/identity/middleware/api_key_middleware'
import { missing } from './generations_controller.js'

/** The resumable stream of one generation's events. */
@inject()
export default class EventsController {
  constructor(private readonly events: GenerationEventsQuery) {}

  async show({ request, response, params }: HttpContext) {
    const accountId = await accountOf(request, params.id)
    const afterSeq = lastSeen(request.header('last-event-id') ?? request.input('last_event_id'))
    const events = await this.events.handle(accountId, params.id, afterSeq)
    if (events.outcome === 'missing') throw missing(params.id)
    // Everything was told: a browser that reconnects learns that there is no more.
    if (events.outcome === 'told') return response.noContent()

    // The stream writes past the framework, which holds the headers of every answer until its end.
    response.relayHeaders()
    const stream = new EventStream(response.response, { 'Access-Control-Allow-Origin': '*' })
    await stream.send(events.follow(stream.closed))
  }
}

/** By key, or by the token of the generation's own link. */
async function accountOf(request: HttpContext['request'], id: string): Promise<string> {
  const token = request.input('token')
  if (token) {
    const opened = readStreamToken(String(token))
    if (opened?.generationId === id) return opened.accountId
    throw new UnauthenticatedException()
  }
  const { orgId } = await admit(request, { scope: 'read' })
  return orgId
}

function lastSeen(header: unknown): number {
  if (header === undefined || header === null || header === '') return 0
  if (/^\d{1,9}$/.test(String(header))) return Number(header)
  throw new ApiProblem({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_header',
    message: 'Last-Event-ID must be the id of an event of this stream, a whole number.',
  })
}
