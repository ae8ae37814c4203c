import { inject } from '@adonisjs/core'
import { modeOf, type AccountMode } from '#core/ledger/account_mode'
import { isResting, ProviderHealth, type Circuit } from '#core/plugins/provider_health'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { Suspensions } from '#core/plugins/suspensions'
import { PriceArchive } from '#core/prices/price_archive'
import type { PriceBook } from '#core/prices/price_book'
import { termsInForce, upperPrice, type Price } from '#core/prices/price_model'
import { priceInForce } from '#core/prices/vendor_price'
import { isOpenIn, isOpenTo } from '#app/generations/test_mode'
import { checkInput } from '#app/generations/validators/model_input'

/** What one megapixel of reference looks like, for an example price. */
const EXAMPLE_REFERENCE = { width: 1000, height: 1000 }

/** The models on offer, as the API and the console tell them. */
@inject()
export class ModelCatalogue {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly prices: PriceArchive,
    private readonly suspensions: Suspensions,
    private readonly health: ProviderHealth
  ) {}

  all() {
    return this.registry.models().map((model) => this.#present(model))
  }

  /** Those that an account may use. */
  openTo(accountId: string) {
    return this.inMode(modeOf(accountId))
  }

  inMode(mode: AccountMode) {
    const open = this.registry.models().filter((model) => isOpenIn(mode, model))
    return open.map((model) => this.#present(model))
  }

  one(name: string) {
    const model = this.registry.find(name)
    return model && this.#present(model)
  }

  nearest(name: string, accountId: string) {
    return this.registry.nearest(name, (model) => isOpenTo(accountId, model))
  }

  /** Every plugin, also those that are off or lack a key. */
  plugins() {
    return this.registry.plugins
  }

  /** What each model's example costs by a book at a moment, by the model's name. */
  examplePrices(book: PriceBook, at: Date): Map<string, Price> {
    const models = this.registry.models()
    return new Map(models.map((model) => [model.name, examplePrice(model, book, at)]))
  }

  #present(model: RegisteredModel) {
    const now = new Date()
    const { version, rule, source } = priceInForce(model, now)
    const { credits } = examplePrice(model, this.prices.book, now)
    return {
      id: model.name,
      object: 'model',
      title: model.title,
      description: model.description,
      kind: model.kind,
      provider: model.provider,
      lifecycle: this.registry.lifecycle(model),
      suspended_since: this.suspensions.of(model.name)?.since.toISOString() ?? null,
      health: healthOf(this.health.of(model.provider)),
      capabilities: model.capabilities,
      parameters: model.parameters,
      rules: model.rules ?? [],
      references: model.references,
      price: {
        version,
        vendor_usd: rule,
        source,
        example: { input: model.example, credits: credits.toString() },
        changes: (model.priceChanges ?? [])
          .filter(({ effectiveFrom }) => new Date(effectiveFrom) > now)
          .map((change) => ({
            version: change.version,
            vendor_usd: change.rule,
            source: change.source,
            effective_from: change.effectiveFrom,
          })),
      },
      limits: {
        deadline_seconds: model.execution.deadlineMs / 1000,
        max_attempts: model.execution.maxAttempts,
      },
      output: model.output,
    }
  }
}

/** Why a provider does not work is for the operator. */
function healthOf(circuit: Circuit | null) {
  if (!circuit) return { state: 'available', since: null, retry_at: null }
  return {
    state: isResting(circuit) ? 'unavailable' : 'recovering',
    since: circuit.since,
    retry_at: circuit.retryAt,
  }
}

function examplePrice(model: RegisteredModel, book: PriceBook, at: Date): Price {
  const input = structuredClone(model.example)
  const references = Object.fromEntries(
    Object.keys(model.references).map((name) => {
      const isList = model.parameters.properties[name].type === 'array'
      return [isList ? `${name}/0` : name, EXAMPLE_REFERENCE]
    })
  )
  // For the defaults it fills in. The example's files are imagined, so what it misses is no matter.
  checkInput(model, input, '')
  return upperPrice(model, { input, references }, termsInForce(model, book, at))
}
