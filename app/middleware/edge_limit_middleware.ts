import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import { edgeLimits, rateLimitHeaders, type EdgeLimit } from './edge_limits.js'

/** Counts the calls of a key. After the one that lets it in. */
export default class EdgeLimitMiddleware {
  async handle(ctx: HttpContext, next: NextFn, limit: EdgeLimit) {
    const counted = await edgeLimits.consume(limit, ctx.caller.keyId ?? ctx.request.ip())
    for (const [name, value] of Object.entries(rateLimitHeaders(limit, counted))) {
      ctx.response.header(name, value)
    }
    return next()
  }
}
