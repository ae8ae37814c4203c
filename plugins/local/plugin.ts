import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { LocalProvider } from './provider.js'

export default definePlugin({
  id: 'local',
  title: 'This machine',
  core: '^1',
  env: [],
  models,
  provider: () => new LocalProvider(),
})
