import router from '@adonisjs/core/services/router'
import server from '@adonisjs/core/services/server'

server.errorHandler(() => import('#app/exceptions/handler'))

server.use([
  () => import('#app/middleware/container_bindings_middleware'),
  () => import('@adonisjs/static/static_middleware'),
  () => import('@adonisjs/cors/cors_middleware'),
])

/** Every route. Sessions and their shields are not here: on the API they cost most of its speed. */
router.use([() => import('@adonisjs/core/bodyparser_middleware')])

export const middleware = router.named({
  /** Programs, by API key. */
  apiKey: () => import('#app/identity/middleware/api_key_middleware'),
  /** How often one key may call; behind `apiKey`. Not on what the hold call counts. */
  edge: () => import('#app/middleware/edge_limit_middleware'),
  /** What every route of the API adds. */
  api: () => import('#app/middleware/api_middleware'),
  /** People, by session: these in this order make the web group. */
  session: () => import('@adonisjs/session/session_middleware'),
  shield: () => import('@adonisjs/shield/shield_middleware'),
  initAuth: () => import('@adonisjs/auth/initialize_auth_middleware'),
  /** Only operators pass. */
  operator: () => import('#app/identity/middleware/operator_middleware'),
})

/** What every page of the console needs. */
export const web = () => [middleware.session(), middleware.shield(), middleware.initAuth()]
