import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import { liveStreams } from '#app/admin/live_streams'
import { sessionHolder } from '#app/identity/open_streams'

const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const CHANNEL = /^orgs\/org_[a-z0-9]{1,64}\/jobs\/job_[a-z0-9]{1,64}$/

/**
 * Refuses a live request whose name or channel is none, or whose name is another's, before
 * anything is kept of it. A name belongs to the session that opened a stream with it.
 */
export default class LiveRequestMiddleware {
  async handle(ctx: HttpContext, next: NextFn) {
    const { request, response, session } = ctx
    const { uid, channel } = request.all()
    if (!matches(UID, uid)) return response.badRequest({ error: 'uid must be a UUID.' })
    if (!liveStreams.isFor(uid, sessionHolder(session.sessionId))) {
      return response.forbidden({ error: 'This uid is of another session.' })
    }
    if (request.method() !== 'POST') {
      await liveStreams.open(uid, ctx)
      return next()
    }
    if (!matches(CHANNEL, channel)) {
      return response.badRequest({ error: 'There is no such channel.' })
    }
    if (!liveStreams.has(uid)) {
      // A page that ends closes its stream beside: there is nothing left to unsubscribe from.
      if (request.url().endsWith('/unsubscribe')) return response.noContent()
      return response.badRequest({ error: 'There is no stream of this uid in this process.' })
    }
    return next()
  }
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}
