import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { LumaProvider } from './provider.js'

export default definePlugin({
  id: 'luma',
  title: 'Luma',
  core: '^1',
  env: ['LUMAAI_API_KEY'],
  auth: { kind: 'bearer', secret: 'LUMAAI_API_KEY' },
  hosts: { api: ['api.lumalabs.ai'], assets: ['*.cdn-luma.com', '*.lumalabs.ai'] },
  models,
  provider: ({ http }) => new LumaProvider(http),
})
