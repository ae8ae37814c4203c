import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { XaiProvider } from './provider.js'

export default definePlugin({
  id: 'xai',
  title: 'xAI',
  core: '^1',
  env: ['XAI_API_KEY'],
  auth: { kind: 'bearer', secret: 'XAI_API_KEY' },
  hosts: { api: ['api.x.ai'], assets: [] },
  limits: { rpm: 300 },
  models,
  provider: ({ http }) => new XaiProvider(http),
})
