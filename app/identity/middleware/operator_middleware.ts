import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Lets operators in and sends everybody else to the sign-in page. */
export default class OperatorMiddleware {
  async handle({ auth, request, response, view }: HttpContext, next: NextFn) {
    await auth.use('web').check()
    const user = auth.use('web').user
    if (!user?.isOperator) {
      const wanted = request.method() === 'GET' ? request.url(true) : '/admin'
      return response.redirect(`/login?next=${encodeURIComponent(wanted)}`)
    }
    view.share({ operator: user })
    return next()
  }
}
