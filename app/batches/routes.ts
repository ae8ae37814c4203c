import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

router
  .group(() => {
    const { batches } = controllers
    router
      .group(() => {
        router.post('/batches', [batches.Batches, 'store'])
        router.post('/batches/:id/cancel', [batches.Batches, 'destroy'])
      })
      .use([middleware.apiKey({ scope: 'generate' }), middleware.edge('calls')])
    router
      .group(() => {
        router.get('/batches', [batches.Batches, 'index'])
        router.get('/batches/:id', [batches.Batches, 'show'])
        router.get('/batches/:id/items', [batches.Items, 'index'])
      })
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
  })
  .prefix('/v1')
  .use(middleware.api())
