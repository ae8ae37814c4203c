import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { BytePlusProvider } from './provider.js'

export default definePlugin({
  id: 'byteplus',
  title: 'BytePlus',
  core: '^1',
  env: ['ARK_API_KEY'],
  auth: { kind: 'bearer', secret: 'ARK_API_KEY' },
  // Keys are of one region, and films are made in this one only.
  hosts: {
    api: ['ark.ap-southeast.bytepluses.com'],
    assets: ['*.bytepluses.com', '*.volces.com'],
  },
  models,
  provider: ({ http }) => new BytePlusProvider(http),
})
