import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { IdeogramProvider } from './provider.js'

export default definePlugin({
  id: 'ideogram',
  title: 'Ideogram',
  core: '^1',
  env: ['IDEOGRAM_API_KEY'],
  auth: { kind: 'header', name: 'Api-Key', secret: 'IDEOGRAM_API_KEY' },
  hosts: { api: ['api.ideogram.ai'], assets: ['ideogram.ai', '*.ideogram.ai'] },
  // Of pictures: a request for four takes four places, and what is too much waits as a 429 says.
  limits: { concurrency: 10 },
  models,
  provider: ({ http }) => new IdeogramProvider(http),
})
