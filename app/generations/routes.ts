import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { keptAction } from '#start/kept'
import { middleware } from '#start/kernel'

// Vendors tell of their jobs, at addresses that only they were given.
router.post('/hooks/providers/:provider/:account/:job/:token', [
  controllers.generations.ProviderCallbacks,
  'store',
])

router
  .group(() => {
    const generations = controllers.generations
    // The call that starts a generation looks at the key again, under the account's lock.
    router
      .post('/generations', keptAction(generations.Generations, 'store'))
      .as('generations.store')
      .use(middleware.apiKey({ scope: 'generate', checkedLater: true }))
    router
      .group(() => {
        router.post('/generations/:id/cancel', [generations.Cancellations, 'store'])
        router.post('/quotes', [generations.Quotes, 'store'])
        router.delete('/generations/:id', [generations.Generations, 'destroy'])
      })
      .use([middleware.apiKey({ scope: 'generate' }), middleware.edge('calls')])
    router
      .group(() => {
        router.get('/generations', [generations.Generations, 'index'])
        router.get('/generations/:id', [generations.Generations, 'show'])
        router.get('/generations/:id/receipt', [generations.Receipts, 'show'])
        router.get('/refusals', [generations.Refusals, 'index'])
        router.get('/refusals/:id', [generations.Refusals, 'show'])
        router.get('/quotes/:id', [generations.Quotes, 'show'])
        router.get('/models', [generations.Models, 'index'])
        router.get('/models/:provider/:model', [generations.Models, 'show'])
      })
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
    router
      .get('/events', [generations.Events, 'index'])
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('streams')])
    // By key or by the token of its own link, so it authenticates itself.
    router.get('/generations/:id/events', [generations.Events, 'show'])
  })
  .prefix('/v1')
  .use(middleware.api())
