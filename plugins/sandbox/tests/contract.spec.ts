import { modelProviderSuite } from '#tests/contracts/model_provider'
import plugin from '../plugin.js'
import { SandboxProvider } from '../provider.js'

modelProviderSuite(plugin, () => new SandboxProvider({ now: () => new Date() }), {
  image: {
    order: { input: { prompt: 'two boats', aspect_ratio: '3:2', n: 2, seed: 1, format: 'webp' } },
    lengthy: { input: { prompt: 'one boat slow:300ms', seed: 1 } },
  },
  video: {
    order: { input: { prompt: 'a boat', duration: 1, aspect_ratio: '9:16', seed: 1 } },
    lengthy: { input: { prompt: 'a boat slow:500ms', duration: 1, seed: 1 } },
  },
})
