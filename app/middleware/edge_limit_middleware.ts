import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import { edgeLimits, edgeRoom, type EdgeLimit } from './edge_limits.js'
import { rateLimitHeaders } from './rate_limit_headers.js'

/** Counts the calls of a key. After the one that lets it in. */
export default class EdgeLimitMiddleware {
  async handle(ctx: HttpContext, next: NextFn, limit: EdgeLimit) {
    const counted = await edgeLimits.consume(limit, ctx.caller.keyId ?? ctx.request.ip())
    for (const [name, value] of Object.entries(rateLimitHeaders([edgeRoom(limit, counted)]))) {
      ctx.response.header(name, value)
    }
    return next()
  }
}
