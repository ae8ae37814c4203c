import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { PixVerseProvider } from './provider.js'

export default definePlugin({
  id: 'pixverse',
  title: 'PixVerse',
  core: '^1',
  env: ['PIXVERSE_API_KEY'],
  auth: { kind: 'header', name: 'API-KEY', secret: 'PIXVERSE_API_KEY' },
  hosts: { api: ['app-api.pixverse.ai'], assets: ['*.pixverse.ai'] },
  models,
  provider: ({ http }) => new PixVerseProvider(http),
})
