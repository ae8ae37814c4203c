import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { StabilityProvider } from './provider.js'

export default definePlugin({
  id: 'stability',
  title: 'Stability AI',
  core: '^1',
  env: ['STABILITY_API_KEY'],
  auth: { kind: 'bearer', secret: 'STABILITY_API_KEY' },
  hosts: { api: ['api.stability.ai'], assets: [] },
  // 150 in ten seconds; who sends more is banned for a minute.
  limits: { rpm: 900 },
  models,
  provider: ({ http }) => new StabilityProvider(http),
})
