import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { AlibabaProvider } from './provider.js'

export default definePlugin({
  id: 'alibaba',
  title: 'Alibaba',
  core: '^1',
  env: ['DASHSCOPE_API_KEY'],
  auth: { kind: 'bearer', secret: 'DASHSCOPE_API_KEY' },
  // Keys are of one region: this is the international one.
  hosts: { api: ['dashscope-intl.aliyuncs.com'], assets: ['*.aliyuncs.com'] },
  models,
  provider: ({ http }) => new AlibabaProvider(http),
})
