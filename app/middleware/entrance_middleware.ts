import type CorsMiddleware from '@adonisjs/cors/cors_middleware'
import type StaticMiddleware from '@adonisjs/static/static_middleware'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/**
 * What stands before the routes. The API has no files and is open to other origins; the rest has
 * files and is not: each request passes the one middleware that concerns it.
 */
export default class EntranceMiddleware {
  constructor(
    private readonly files: StaticMiddleware,
    private readonly cors: CorsMiddleware
  ) {}

  handle(ctx: HttpContext, next: NextFn) {
    const toApi = ctx.request.url().startsWith('/v1/')
    return toApi ? this.cors.handle(ctx, next) : this.files.handle(ctx, next)
  }
}
