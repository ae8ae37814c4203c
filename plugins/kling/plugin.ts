import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { KlingProvider } from './provider.js'

export default definePlugin({
  id: 'kling',
  title: 'Kling',
  core: '^1',
  env: ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'],
  auth: { kind: 'jwt-hs256', accessKey: 'KLING_ACCESS_KEY', secretKey: 'KLING_SECRET_KEY' },
  hosts: {
    api: ['api-singapore.klingai.com'],
    assets: ['*.klingai.com', '*.kechuangai.com'],
  },
  models,
  provider: ({ http }) => new KlingProvider(http),
})
