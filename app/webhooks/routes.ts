import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

router
  .group(() => {
    const { webhooks } = controllers
    router
      .group(() => {
        router.post('/webhook_endpoints', [webhooks.Endpoints, 'store'])
        router.patch('/webhook_endpoints/:id', [webhooks.Endpoints, 'update'])
        router.delete('/webhook_endpoints/:id', [webhooks.Endpoints, 'destroy'])
        router.post('/webhook_endpoints/:id/enable', [webhooks.Activations, 'store'])
        router.post('/webhook_endpoints/:id/disable', [webhooks.Activations, 'destroy'])
        router.post('/webhook_endpoints/:id/rotate_secret', [webhooks.Secrets, 'store'])
        router.post('/webhook_endpoints/:id/test', [webhooks.TestEvents, 'store'])
        router.post('/webhook_endpoints/:id/replay', [webhooks.Replays, 'storeMany'])
        router.post('/webhook_deliveries/:id/replay', [webhooks.Replays, 'store'])
        router.post('/webhook_secret/rotate', [webhooks.Secrets, 'store']).as('webhook_secret')
      })
      .use([middleware.apiKey({ scope: 'admin' }), middleware.edge('calls')])
    router
      .group(() => {
        router.get('/webhook_endpoints', [webhooks.Endpoints, 'index'])
        router.get('/webhook_endpoints/:id', [webhooks.Endpoints, 'show'])
        router.get('/webhook_deliveries', [webhooks.Deliveries, 'index'])
        router.get('/webhook_deliveries/:id', [webhooks.Deliveries, 'show'])
      })
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
  })
  .prefix('/v1')
  .use(middleware.api())
