import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const CHANNEL = /^orgs\/org_[a-z0-9]{1,64}\/jobs\/job_[a-z0-9]{1,64}$/

/** Refuses a live request whose name or channel is none, before anything is kept of it. */
export default class LiveRequestMiddleware {
  handle({ request, response }: HttpContext, next: NextFn) {
    const { uid, channel } = request.all()
    if (!matches(UID, uid)) return response.badRequest({ error: 'uid must be a UUID.' })
    if (request.method() === 'POST' && !matches(CHANNEL, channel)) {
      return response.badRequest({ error: 'There is no such channel.' })
    }
    return next()
  }
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value)
}
