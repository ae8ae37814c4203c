import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { OpenAiProvider } from './provider.js'

export default definePlugin({
  id: 'openai',
  title: 'OpenAI',
  core: '^1',
  env: ['OPENAI_API_KEY'],
  auth: { kind: 'bearer', secret: 'OPENAI_API_KEY' },
  hosts: { api: ['api.openai.com'], assets: [] },
  models,
  provider: ({ http }) => new OpenAiProvider(http),
})
