import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { ReveProvider } from './provider.js'

export default definePlugin({
  id: 'reve',
  title: 'Reve',
  core: '^1',
  env: ['REVE_API_KEY'],
  auth: { kind: 'bearer', secret: 'REVE_API_KEY' },
  hosts: { api: ['api.reve.com'], assets: [] },
  models,
  provider: ({ http }) => new ReveProvider(http),
})
