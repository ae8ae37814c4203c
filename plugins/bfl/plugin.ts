import { definePlugin } from '#core/plugins/define_plugin'
import { models } from './models.js'
import { BflProvider } from './provider.js'

export default definePlugin({
  id: 'bfl',
  title: 'Black Forest Labs',
  core: '^1',
  env: ['BFL_API_KEY'],
  optionalEnv: ['BFL_WEBHOOK_SECRET'],
  auth: { kind: 'header', name: 'x-key', secret: 'BFL_API_KEY' },
  // A task is polled in the region that took it, and its picture lies at a third host.
  hosts: { api: ['api.bfl.ai', '*.bfl.ai'], assets: ['*.bfl.ai'] },
  limits: { concurrency: 24 },
  models,
  provider: ({ http, secrets }) =>
    new BflProvider(http, { webhookSecret: secrets.BFL_WEBHOOK_SECRET ?? null }),
})
