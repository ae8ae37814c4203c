import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { SandboxProvider } from './provider.js'

export default definePlugin({
  id: 'sandbox',
  title: 'Sandbox',
  core: '^1',
  env: [],
  onlyForTrying: true,
  models,
  provider: ({ now }) => new SandboxProvider({ now }),
})
