import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { RecraftProvider } from './provider.js'

export default definePlugin({
  id: 'recraft',
  title: 'Recraft',
  core: '^1',
  env: ['RECRAFT_API_TOKEN'],
  auth: { kind: 'bearer', secret: 'RECRAFT_API_TOKEN' },
  hosts: { api: ['external.api.recraft.ai'], assets: ['*.recraft.ai'] },
  models,
  provider: ({ http }) => new RecraftProvider(http),
})
