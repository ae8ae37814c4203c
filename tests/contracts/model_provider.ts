import type { PluginManifest } from '#core/plugins/define_plugin'
import type { ModelProvider } from '#core/plugins/model_provider'
import { Nowhere } from '#tests/plain_tools'
import { deliverySuite } from './model_provider/delivery.js'
import { manifestSuite } from './model_provider/manifest.js'
import type { ModelCase } from './model_provider/orders.js'
import { refusalsSuite } from './model_provider/refusals.js'
import { stoppingSuite } from './model_provider/stopping.js'

/**
 * What the kernel relies on in every plugin, for one that asks nobody. A vendor's has more to
 * prove: see `vendor_plugin.ts`. Each call of `makeProvider` stands for another process.
 */
export function modelProviderSuite(
  plugin: PluginManifest,
  makeProvider: () => ModelProvider,
  cases: Record<string, ModelCase>
) {
  const open = () => ({ provider: makeProvider(), http: new Nowhere() })
  manifestSuite({ plugin, open })
  for (const model of plugin.models) {
    const modelCase = cases[model.id]
    if (!modelCase)
      throw new Error(`The contract suite of ${plugin.id} has no case for ${model.id}.`)
    const subject = { name: `${plugin.id}/${model.id}`, model, open, ...modelCase }
    refusalsSuite(subject)
    deliverySuite(subject)
    stoppingSuite(subject)
  }
}
