import router from '@adonisjs/core/services/router'
import server from '@adonisjs/core/services/server'
import { keptMiddleware } from './kept.js'

server.errorHandler(() => import('#app/exceptions/handler'))

server.use([() => import('#app/middleware/entrance_middleware')])

/** Every route. Sessions and their shields are not here: on the API they cost most of its speed. */
router.use([() => import('#app/middleware/body_middleware')])

const named = router.named({
  /** People, by session: these in this order make the web group. */
  bindings: () => import('#app/middleware/container_bindings_middleware'),
  session: () => import('@adonisjs/session/session_middleware'),
  shield: () => import('@adonisjs/shield/shield_middleware'),
  initAuth: () => import('@adonisjs/auth/initialize_auth_middleware'),
  /** Only operators pass. */
  operator: () => import('#app/identity/middleware/operator_middleware'),
  /** Only the service that pushes tasks passes. */
  taskSender: () => import('#app/tasks/middleware/task_sender_middleware'),
})

export const middleware = {
  ...named,
  /** Programs, by API key. */
  apiKey: keptMiddleware(() => import('#app/identity/middleware/api_key_middleware')),
  /** How often one key may call; behind `apiKey`. Not on what the hold call counts. */
  edge: keptMiddleware(() => import('#app/middleware/edge_limit_middleware')),
  /** What every route of the API adds. */
  api: keptMiddleware(() => import('#app/middleware/api_middleware')),
}

/** What every page of the console needs. */
export const web = () => [
  middleware.bindings(),
  middleware.session(),
  middleware.shield(),
  middleware.initAuth(),
]
