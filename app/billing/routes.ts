import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

router
  .group(() => {
    router.get('/balance', [controllers.billing.Balances, 'show'])
    router.get('/ledger/entries', [controllers.billing.Entries, 'index'])
    router.get('/usage', [controllers.billing.Usage, 'index'])
    router.get('/limits', [controllers.billing.Limits, 'index'])
  })
  .prefix('/v1')
  .use([middleware.api(), middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
