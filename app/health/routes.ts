import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'

router.get('/healthz', [controllers.health.Health, 'live'])
router.get('/readyz', [controllers.health.Health, 'ready'])
