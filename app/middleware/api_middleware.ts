import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Names every answer, so that a caller can tell us which one they mean. */
export default class ApiMiddleware {
  handle({ request, response }: HttpContext, next: NextFn) {
    response.header('Request-Id', request.id()!)
    return next()
  }
}
