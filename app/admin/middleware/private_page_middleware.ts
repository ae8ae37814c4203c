import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/**
 * Pages of the console are kept by no cache: the back button shows nothing of them after
 * signing out, and brings a form with a new reference instead of one that was sent.
 */
export default class PrivatePageMiddleware {
  handle({ response }: HttpContext, next: NextFn) {
    response.header('Cache-Control', 'no-store')
    return next()
  }
}
