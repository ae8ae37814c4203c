import app from '@adonisjs/core/services/app'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/**
 * The container makes a middleware, a controller and all they need anew for every request. What
 * keeps nothing of a request may stay: it is made on its first one and serves them all.
 */
type Lazy<Class> = () => Promise<{ default: Class }>

interface Middleware<Options> {
  handle(ctx: HttpContext, next: NextFn, options: Options): unknown
}

/** A middleware that needs nothing of the container, by its options. */
export function keptMiddleware<Options = void>(load: Lazy<new () => Middleware<Options>>) {
  let kept: Middleware<Options> | undefined
  return (options: Options) => async (ctx: HttpContext, next: NextFn) => {
    if (!kept) {
      const { default: Middleware } = await load()
      kept = new Middleware()
    }
    return kept.handle(ctx, next, options)
  }
}

/** An action of a controller, for routes that are called most. */
export function keptAction<
  Controller extends Record<Action, (ctx: HttpContext) => unknown>,
  Action extends string,
>(load: Lazy<new (...needs: any[]) => Controller>, action: Action) {
  let kept: Controller | undefined
  return async (ctx: HttpContext) => {
    if (!kept) {
      const { default: Controller } = await load()
      kept = await app.container.make(Controller)
    }
    return kept[action](ctx)
  }
}
