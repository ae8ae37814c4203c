import { definePlugin } from '#core/plugins/define_plugin'
import { offersOf } from './models.js'
import { ReplicateProvider } from './provider.js'

export default definePlugin({
  id: 'replicate',
  title: 'Replicate',
  core: '^1',
  env: ['REPLICATE_API_TOKEN', 'REPLICATE_MODELS'],
  optionalEnv: ['REPLICATE_WEBHOOK_SECRET'],
  auth: { kind: 'bearer', secret: 'REPLICATE_API_TOKEN' },
  hosts: { api: ['api.replicate.com'], assets: ['replicate.delivery', '*.replicate.delivery'] },
  // Predictions that are created; asking about them is limited apart.
  limits: { rpm: 600 },
  models: [],
  modelsFrom: {
    variable: 'REPLICATE_MODELS',
    read: (path) => offersOf(path).map(({ manifest }) => manifest),
  },
  provider: ({ http, secrets, now }) => new ReplicateProvider({ http, secrets, now }),
})
