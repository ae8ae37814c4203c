import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { refuseUnknown } from '#app/exceptions/query_string'
import { EventStream } from '#app/generations/event_stream'
import { AccountEventsQuery } from '#app/generations/queries/account_events_query'
import { GenerationEventsQuery } from '#app/generations/queries/generation_events_query'
import { readStreamToken } from '#app/generations/stream_token'
import {
  lastEventId,
  readFrom,
  readTypes,
  wrongLastEventId,
} from '#app/generations/validators/event_requests'
import { UnauthenticatedException } from '#app/identity/errors'
import { admit } from '#app/identity/middleware/api_key_middleware'
import { openStreams, type OpenStream } from '#app/identity/open_streams'
import { edgeLimits } from '#app/middleware/edge_limits'
import { missing } from './generations_controller.js'

/** Resumable streams of events: of one generation, and of all of an organisation. */
@inject()
export default class EventsController {
  constructor(
    private readonly ofGeneration: GenerationEventsQuery,
    private readonly ofAccount: AccountEventsQuery
  ) {}

  async index(ctx: HttpContext) {
    const { request, caller } = ctx
    const { from, type } = refuseUnknown(request.qs(), ['from', 'type', 'last_event_id'])
    const events = await this.ofAccount.handle({
      accountId: caller.orgId,
      lastEventId: lastEventId(request),
      from: readFrom(from),
      types: readTypes(type),
    })
    if (!events) throw wrongLastEventId('this organisation')
    const stream = EventStream.open(ctx, { holder: `key:${caller.keyId!}`, orgId: caller.orgId })
    await stream.send(events.follow(stream.closed), events.heartbeat)
  }

  async show(ctx: HttpContext) {
    const { request, response, params } = ctx
    const whose = await listenerOf(request, params.id)
    await edgeLimits.consume('streams', whose.holder)
    const events = await this.ofGeneration.handle(whose.orgId, params.id, lastEventId(request))
    if (events.outcome === 'missing') throw missing(params.id)
    if (events.outcome === 'foreign') throw wrongLastEventId(params.id)
    // Everything was told: a browser that reconnects learns that there is no more.
    if (events.outcome === 'told') return response.noContent()
    const stream = EventStream.open(ctx, whose)
    await stream.send(events.follow(stream.closed), () => ': still here\n\n')
  }
}

/** By key, or by the token of the generation's own link. */
async function listenerOf(
  request: HttpContext['request'],
  id: string
): Promise<Omit<OpenStream, 'end'> & { orgId: string }> {
  const token = request.input('token')
  if (token) {
    const opened = readStreamToken(String(token))
    if (opened?.generationId !== id) throw new UnauthenticatedException()
    const { accountId: orgId, keyId, expiresAt: until } = opened
    const listener = { holder: `link:${id}` as const, keyId, orgId, until }
    if (!(await openStreams.isWelcome(listener))) throw new UnauthenticatedException()
    return listener
  }
  const { orgId, keyId } = await admit(request, { scope: 'read' })
  return { holder: `key:${keyId!}`, orgId }
}
