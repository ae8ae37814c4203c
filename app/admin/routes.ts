import router from '@adonisjs/core/services/router'
import PrivatePageMiddleware from '#app/admin/middleware/private_page_middleware'
import { controllers } from '#generated/controllers'
import { middleware, web } from '#start/kernel'

const { admin } = controllers
const privatePage = new PrivatePageMiddleware()

router.get('/', ({ response }) => response.redirect('/admin'))
router.get('/vendor/:file', [admin.VendorFiles, 'show'])

router
  .group(() => {
    router.get('/', [admin.Overviews, 'show'])

    router.get('/try', [admin.Trials, 'create'])
    router.post('/try', [admin.Trials, 'store'])
    router.post('/prices', [admin.Prices, 'store'])
    router.post('/uploads', [admin.Uploads, 'store'])

    router.get('/generations', [admin.Generations, 'index'])
    router.get('/generations.csv', [admin.GenerationExports, 'show'])
    router.get('/generations/:id', [admin.Generations, 'show'])
    router.post('/generations/:id/cancellation', [admin.Cancellations, 'store'])
    router.get('/generations/:id/refunds', [admin.Refunds, 'index'])
    router.post('/generations/:id/refunds', [admin.Refunds, 'store'])
    router.get('/thumbnails/:org/:asset', [admin.Thumbnails, 'show'])

    router.get('/batches', [admin.Batches, 'index'])
    router.get('/batches/:id', [admin.Batches, 'show'])
    router.post('/batches/:id/cancellation', [admin.BatchCancellations, 'store'])

    router.get('/organisations', [admin.Organisations, 'index'])
    router.post('/organisations', [admin.Organisations, 'store'])
    router.get('/organisations/:id', [admin.Organisations, 'show'])
    router.get('/organisations/:id/grants', [admin.Grants, 'index'])
    router.post('/organisations/:id/grants', [admin.Grants, 'store'])
    router.get('/organisations/:id/corrections', [admin.Corrections, 'index'])
    router.post('/organisations/:id/corrections', [admin.Corrections, 'store'])

    router.get('/organisations/:id/limits', [admin.Limits, 'index'])
    router.post('/organisations/:id/limits', [admin.Limits, 'store'])
    router.post('/organisations/:id/limits/removal', [admin.Limits, 'destroy'])

    router.get('/budgets', [admin.Budgets, 'index'])
    router.post('/budgets', [admin.Budgets, 'store'])
    router.post('/budgets/removal', [admin.Budgets, 'destroy'])

    router.get('/refusals', [admin.Refusals, 'index'])
    router.get('/refusals/:org/:id', [admin.Refusals, 'show'])

    router.get('/queue', [admin.Queues, 'show'])
    router.post('/queue/:org/:id/redrive', [admin.Redrives, 'store'])

    router.get('/notices', [admin.Notices, 'index'])
    router.post('/notices/:id', [admin.Notices, 'update'])

    router.post('/organisations/:id/plan', [admin.PlanChanges, 'store'])
    router.post('/organisations/:id/test', [admin.TestAccounts, 'store'])
    router.post('/organisations/:id/clock', [admin.Clocks, 'store'])
    router.post('/organisations/:id/refill', [admin.Refills, 'store'])

    router.get('/keys', [admin.ApiKeys, 'index'])
    router.post('/keys', [admin.ApiKeys, 'store'])
    router.post('/keys/:id/revocation', [admin.Revocations, 'store'])

    router.get('/webhooks', [admin.Webhooks, 'index'])
    router.post('/webhooks', [admin.Webhooks, 'store'])
    router.get('/webhooks/:id', [admin.Webhooks, 'show'])
    router.post('/webhooks/:id', [admin.Webhooks, 'update'])
    router.post('/webhooks/:id/removal', [admin.Webhooks, 'destroy'])
    router.post('/webhooks/:id/enable', [admin.WebhookSwitches, 'enable'])
    router.post('/webhooks/:id/disable', [admin.WebhookSwitches, 'disable'])
    router.post('/webhooks/:id/secret', [admin.WebhookSwitches, 'rotate'])
    router.post('/webhooks/:id/test', [admin.WebhookSwitches, 'test'])
    router.post('/webhooks/:id/replays', [admin.WebhookDeliveries, 'store'])
    router.get('/webhooks/:id/deliveries/:delivery', [admin.WebhookDeliveries, 'show'])
    router.post('/webhooks/:id/deliveries/:delivery', [admin.WebhookDeliveries, 'update'])

    router.get('/models', [admin.Models, 'index'])
    router.post('/models/suspension_lift', [admin.SuspensionLifts, 'store'])
    router.post('/models/circuit_closing', [admin.CircuitClosings, 'store'])

    router.get('/price-book', [admin.PriceBooks, 'show'])
    router.post('/price-book', [admin.PriceBooks, 'store'])
  })
  .prefix('/admin')
  .as('admin')
  .use([...web(), middleware.operator(), (ctx, next) => privatePage.handle(ctx, next)])
