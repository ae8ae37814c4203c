import { inject } from '@adonisjs/core'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { PriceBook } from '#core/prices/price_book'
import { upperPrice } from '#core/prices/price_model'
import { isOpenTo } from '#app/generations/test_mode'
import { check } from '#app/generations/validators/schema_validator'

/** What one megapixel of reference looks like, for an example price. */
const EXAMPLE_REFERENCE = { width: 1000, height: 1000 }

/** The models on offer, as the API and the console tell them. */
@inject()
export class ModelCatalogue {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly book: PriceBook
  ) {}

  all() {
    return this.registry.models().map((model) => this.#present(model))
  }

  /** Those that an account may use. */
  openTo(accountId: string) {
    return this.all().filter((model) => isOpenTo(accountId, model))
  }

  one(name: string) {
    const model = this.registry.find(name)
    return model && this.#present(model)
  }

  nearest(name: string) {
    return this.registry.nearest(name)
  }

  /** Every plugin, also those that are off or lack a key. */
  plugins() {
    return this.registry.plugins
  }

  #present(model: RegisteredModel) {
    return {
      id: model.name,
      object: 'model',
      title: model.title,
      description: model.description,
      kind: model.kind,
      provider: model.provider,
      lifecycle: model.lifecycle,
      capabilities: model.capabilities,
      parameters: model.parameters,
      references: model.references,
      price: {
        version: model.price.version,
        vendor_usd: model.price.rule,
        source: model.price.source,
        example: { input: model.example, credits: this.#examplePrice(model) },
      },
      limits: {
        deadline_seconds: model.execution.deadlineMs / 1000,
        max_attempts: model.execution.maxAttempts,
      },
      output: model.output,
    }
  }

  #examplePrice(model: RegisteredModel): string {
    const input = structuredClone(model.example)
    const references = Object.fromEntries(
      Object.keys(model.references).map((name) => [name, EXAMPLE_REFERENCE])
    )
    // For the defaults it fills in. The example's files are imagined, so what it misses is no matter.
    check(model.parameters, input, '')
    return upperPrice(model, input, references, this.book).credits.toString()
  }
}
