import type { PluginManifest } from '#core/plugins/define_plugin'
import type { ModelProvider } from '#core/plugins/model_provider'
import { deliverySuite } from './model_provider/delivery.js'
import { manifestSuite } from './model_provider/manifest.js'
import type { ModelCase } from './model_provider/orders.js'
import { stoppingSuite } from './model_provider/stopping.js'

/**
 * What the kernel relies on in every plugin. A vendor's plugin is given a provider that speaks
 * to a fake of the vendor beside it; each call of `makeProvider` stands for another process.
 */
export function modelProviderSuite(
  plugin: PluginManifest,
  makeProvider: () => ModelProvider,
  cases: Record<string, ModelCase>
) {
  manifestSuite({ plugin, makeProvider })
  for (const model of plugin.models) {
    const modelCase = cases[model.id]
    if (!modelCase)
      throw new Error(`The contract suite of ${plugin.id} has no case for ${model.id}.`)
    const subject = { name: `${plugin.id}/${model.id}`, model, makeProvider, ...modelCase }
    deliverySuite(subject)
    stoppingSuite(subject)
  }
}
