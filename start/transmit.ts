import transmit from '@adonisjs/transmit/services/main'
import LiveRequestMiddleware from '#app/admin/middleware/live_request_middleware'
import { middleware, web } from '#start/kernel'

const checked = new LiveRequestMiddleware()

transmit.registerRoutes((route) => {
  route.use([...web(), middleware.operator(), (ctx, next) => checked.handle(ctx, next)])
})

transmit.authorize('orgs/:org/jobs/:job', ({ auth }) => auth.use('web').user?.isOperator === true)
// Transmit opens every channel it was told nothing about. Ours are closed.
transmit.authorize('*', () => false)
