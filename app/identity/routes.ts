import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { web } from '#start/kernel'

router
  .group(() => {
    router.get('/login', [controllers.identity.Sessions, 'create'])
    router.post('/login', [controllers.identity.Sessions, 'store'])
    router.post('/logout', [controllers.identity.Sessions, 'destroy'])
  })
  .use(web())
