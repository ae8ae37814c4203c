import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { ElevenLabsProvider } from './provider.js'

export default definePlugin({
  id: 'elevenlabs',
  title: 'ElevenLabs',
  core: '^1',
  env: ['ELEVENLABS_API_KEY'],
  auth: { kind: 'header', name: 'xi-api-key', secret: 'ELEVENLABS_API_KEY' },
  hosts: { api: ['api.elevenlabs.io'], assets: [] },
  models,
  provider: ({ http }) => new ElevenLabsProvider(http),
})
