import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { GoogleProvider } from './provider.js'

export default definePlugin({
  id: 'google',
  title: 'Google',
  core: '^1',
  env: ['GEMINI_API_KEY'],
  auth: { kind: 'header', name: 'x-goog-api-key', secret: 'GEMINI_API_KEY' },
  hosts: {
    api: ['generativelanguage.googleapis.com'],
    // Films redirect to where they lie; the key goes to the API alone.
    assets: ['*.googleapis.com', '*.googleusercontent.com'],
  },
  models,
  provider: ({ http }) => new GoogleProvider(http),
})
