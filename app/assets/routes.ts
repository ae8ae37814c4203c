import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

const { assets } = controllers

router
  .group(() => {
    router
      .post('/uploads', [assets.Uploads, 'store'])
      .use([middleware.apiKey({ scope: 'generate' }), middleware.edge('uploads')])
    router.put('/uploads/:id', [assets.Uploads, 'update'])
    router
      .group(() => {
        router.get('/assets/:id', [assets.Assets, 'show'])
        router.get('/assets/:id/content', [assets.Contents, 'show'])
      })
      .use([middleware.apiKey({ scope: 'read' }), middleware.edge('calls')])
  })
  .prefix('/v1')
  .use(middleware.api())

router
  .get('/files/:org/:sha256', [assets.Files, 'show'])
  .where('org', /^org_[a-z0-9]+$/)
  .where('sha256', /^[0-9a-f]{64}$/)
