import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { RunwayProvider } from './provider.js'

export default definePlugin({
  id: 'runway',
  title: 'Runway',
  core: '^1',
  env: ['RUNWAYML_API_SECRET'],
  auth: { kind: 'bearer', secret: 'RUNWAYML_API_SECRET' },
  headers: { 'X-Runway-Version': '2024-11-06' },
  hosts: { api: ['api.dev.runwayml.com'], assets: ['*.cloudfront.net', '*.runwayml.com'] },
  models,
  provider: ({ http }) => new RunwayProvider(http),
})
