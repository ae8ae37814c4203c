import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { MiniMaxProvider } from './provider.js'

export default definePlugin({
  id: 'minimax',
  title: 'MiniMax',
  core: '^1',
  env: ['MINIMAX_API_KEY'],
  auth: { kind: 'bearer', secret: 'MINIMAX_API_KEY' },
  hosts: {
    api: ['api.minimax.io'],
    assets: ['*.minimax.io', '*.hailuoai.com', '*.hailuoai.video', '*.aliyuncs.com'],
  },
  models,
  provider: ({ http }) => new MiniMaxProvider(http),
})
