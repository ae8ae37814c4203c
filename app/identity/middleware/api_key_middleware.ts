import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import type { Caller, Scope } from '#app/identity/caller'
import { ForbiddenScopeException, UnauthenticatedException } from '#app/identity/errors'
import { keyRing } from '#app/identity/key_ring'
import { edgeLimits } from '#app/middleware/edge_limits'

interface Options {
  scope: Scope
  /** The route's own call checks the key again, so it need not be looked up here. */
  checkedLater?: boolean
}

/** Lets programs in by API key. Sets `ctx.caller`. */
export default class ApiKeyMiddleware {
  async handle(ctx: HttpContext, next: NextFn, options: Options) {
    ctx.caller = await admit(ctx.request, options)
    return next()
  }
}

/** The caller behind a request, when their key may do this; for routes that have other ways in, too. */
export async function admit(
  request: HttpContext['request'],
  { scope, checkedLater }: Options
): Promise<Caller> {
  const [scheme, text] = (request.header('authorization') ?? '').split(' ')
  const caller =
    scheme.toLowerCase() === 'bearer' && text
      ? await keyRing.holder(text, { fromMemory: checkedLater === true })
      : null
  if (!caller) {
    // Whoever guesses is told to wait, before long.
    await edgeLimits.consume('wrongKeys', request.ip())
    throw new UnauthenticatedException()
  }
  if (caller.scopes.includes(scope)) return caller
  throw new ForbiddenScopeException(
    `This key lacks the scope "${scope}". Make a key that has it, or ask an operator.`
  )
}
