import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

router
  .group(() => {
    const { metering } = controllers
    // The call that holds looks at the key again, under the account's lock.
    router
      .post('/holds', [metering.Holds, 'store'])
      .use(middleware.apiKey({ scope: 'generate', checkedLater: true }))
    router
      .group(() => {
        router.post('/holds/:id/settle', [metering.Settlements, 'store'])
        router.post('/holds/:id/release', [metering.Releases, 'store'])
      })
      .use([middleware.apiKey({ scope: 'generate' }), middleware.edge('calls')])
    router
      .get('/holds/:id', [metering.Holds, 'show'])
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
  })
  .prefix('/v1')
  .use(middleware.api())
