import { definePlugin } from '#core/plugins/define_plugin'
import { offersOf } from './models.js'
import { FalProvider } from './provider.js'

export default definePlugin({
  id: 'fal',
  title: 'fal',
  core: '^1',
  env: ['FAL_KEY', 'FAL_MODELS'],
  auth: { kind: 'key-prefix', prefix: 'Key', secret: 'FAL_KEY' },
  hosts: { api: ['queue.fal.run'], assets: ['fal.media', '*.fal.media'] },
  models: [],
  modelsFrom: {
    variable: 'FAL_MODELS',
    read: (path) => offersOf(path).map(({ manifest }) => manifest),
  },
  provider: ({ http, secrets }) => new FalProvider({ http, secrets }),
})
