import { errors as authErrors } from '@adonisjs/auth'
import type { HttpContext } from '@adonisjs/core/http'
import { errors as limiterErrors } from '@adonisjs/limiter'
import { openStreams, sessionHolder } from '#app/identity/open_streams'
import User from '#app/identity/models/user'
import { nextPage } from '#app/identity/validators/next_page'
import { signInValidator } from '#app/identity/validators/sign_in'
import { edgeLimits } from '#app/middleware/edge_limits'

const MISMATCH = 'E-mail or password do not match.'
const NO_OPERATOR = 'This account may not enter the console. Ask an operator for access.'

export default class SessionsController {
  async create({ request, response, view, auth }: HttpContext) {
    const next = nextPage(request.qs().next)
    await auth.use('web').check()
    if (auth.use('web').user?.isOperator) return response.redirect(next)
    return view.render('pages/identity/login', { next })
  }

  async store(ctx: HttpContext) {
    const [malformed, credentials] = await signInValidator.tryValidate(ctx.request.body())
    if (malformed) return refuse(ctx, 422, MISMATCH)
    const { email, password } = credentials
    const who = `${ctx.request.ip()}_${email}`
    try {
      // Counted before the look at the password, so that attempts at once count as well.
      await edgeLimits.consume('signIns', who)
      const user = await User.verifyCredentials(email, password)
      await edgeLimits.forgive('signIns', who)
      if (!user.isOperator) return await refuse(ctx, 403, NO_OPERATOR)
      await ctx.auth.use('web').login(user)
      return ctx.response.redirect(nextPage(ctx.request.input('next')))
    } catch (error) {
      if (error instanceof authErrors.E_INVALID_CREDENTIALS) return refuse(ctx, 422, MISMATCH)
      if (!(error instanceof limiterErrors.E_TOO_MANY_REQUESTS)) throw error
      const seconds = error.response.availableIn
      ctx.response.header('Retry-After', String(seconds))
      return refuse(ctx, 429, `Too many attempts. Try again in ${seconds} seconds.`)
    }
  }

  async destroy({ auth, response, session }: HttpContext) {
    const holder = sessionHolder(session.sessionId)
    await auth.use('web').logout()
    openStreams.cut(holder)
    return response.redirect('/login')
  }
}

/** The same page again, with what was typed but the password. */
async function refuse({ request, response, view }: HttpContext, status: number, message: string) {
  const page = { message, email: request.input('email'), next: nextPage(request.input('next')) }
  return response.status(status).send(await view.render('pages/identity/login', page))
}
