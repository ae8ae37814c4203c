import { inject } from '@adonisjs/core'
import type { Credits } from '#core/ledger/credits'
import { ProviderHealth } from '#core/plugins/provider_health'
import { namedReferences } from '#core/plugins/references'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { Suspensions } from '#core/plugins/suspensions'
import { PriceArchive } from '#core/prices/price_archive'
import { termsInForce, upperPrice } from '#core/prices/price_model'
import type { ExceededLimit } from '#core/quota/refusal'
import {
  RefusalLog,
  type Alternative,
  type ExplainedRefusal,
  type Refused,
} from '#core/quota/refusal_log'
import { isOpenTo } from '#app/generations/test_mode'
import { checkInput } from '#app/generations/validators/model_input'
import type { PricedInput } from './price_input.js'

interface Asked {
  accountId: string
  keyId?: string | null
  userId?: string | null
  endUser?: string | null
  traceparent?: string | null
}

type Priced = Extract<PricedInput, { ok: true }>

/** Whether a model at this price would have passed the rule that refused. */
type Passes = (model: RegisteredModel, credits: Credits) => boolean

/** Records a refusal, so that it can be asked about later, with the cheapest model that would pass. */
@inject()
export class ExplainRefusal {
  constructor(
    private readonly log: RefusalLog,
    private readonly registry: PluginRegistry,
    private readonly prices: PriceArchive,
    private readonly suspensions: Suspensions,
    private readonly health: ProviderHealth
  ) {}

  handle(asked: Asked, priced: Priced, refusal: ExplainedRefusal) {
    const passes = remedy(refusal)
    const alternative = passes ? this.#cheapest(asked.accountId, priced, passes) : null
    const refusalId = this.#record(asked, priced, { refusal, alternative })
    return { refusalId, alternative }
  }

  /** Records what rules that only observe would have refused. */
  observe(asked: Asked, priced: Priced, limits: ExceededLimit[]) {
    for (const limit of limits) {
      this.#record(asked, priced, {
        refusal: { type: 'limit_exceeded', limit, retryAfterSeconds: null },
        alternative: null,
        observed: true,
      })
    }
  }

  #record(
    asked: Asked,
    { model }: Priced,
    refused: Pick<Refused, 'refusal' | 'alternative' | 'observed'>
  ): string {
    return this.log.record({
      accountId: asked.accountId,
      model: model.name,
      kind: model.kind,
      keyId: asked.keyId ?? null,
      userId: asked.userId ?? null,
      endUser: asked.endUser ?? null,
      traceId: asked.traceparent?.split('-')[1] ?? null,
      ...refused,
    })
  }

  #cheapest(accountId: string, priced: Priced, passes: Passes): Alternative | null {
    let best: Alternative | null = null
    for (const model of this.registry.models()) {
      if (model.name === priced.model.name || model.kind !== priced.model.kind) continue
      if (this.registry.lifecycle(model).state === 'retired' || !isOpenTo(accountId, model))
        continue
      if (this.suspensions.of(model.name) || this.health.of(model.provider)) continue
      const credits = this.#priceOf(model, priced)
      if (!credits || !passes(model, credits)) continue
      if (!best || credits.micro < best.credits.micro) best = { model: model.name, credits }
    }
    return best
  }

  /** For as much of the input as this model understands; `null` if that is not enough for it. */
  #priceOf(model: RegisteredModel, { input, references }: Priced): Credits | null {
    const known = Object.keys(model.parameters.properties ?? {})
    const understood = structuredClone(
      Object.fromEntries(known.filter((name) => name in input).map((name) => [name, input[name]]))
    )
    if (checkInput(model, understood, '/input')) return null
    const files = namedReferences(model.references, understood)
    if (files.some(({ at }) => !(at in references))) return null
    const terms = termsInForce(model, this.prices.book, new Date())
    return upperPrice(model, { input: understood, references }, terms).credits
  }
}

/** `null` where another model helps nobody: a debt, a closed account, too many requests of any kind, a budget of all. */
function remedy(refusal: ExplainedRefusal): Passes | null {
  switch (refusal.type) {
    case 'insufficient_credits':
      return (_model, credits) => credits.micro <= refusal.available.micro
    case 'max_credits_exceeded':
      return (_model, credits) => credits.micro <= refusal.limit.micro
    case 'limit_exceeded': {
      const { limit } = refusal
      if (limit.scope === 'platform' && limit.scopeId === 'all') return null
      const [scope, name] = counted(limit)
      if (scope === 'model') return (model) => model.name !== name
      if (scope === 'provider') return (model) => model.provider !== name
      const left = limit.limit - limit.used - limit.held
      return limit.measure === 'credits' ? (_model, { micro }) => micro <= left : null
    }
    default:
      return null
  }
}

/** Whose calls a limit counts; a budget over all organisations says it in its id. */
function counted({ scope, scopeId }: ExceededLimit): [scope: string, name: string] {
  const [, of, name] = /^(provider|model):(.*)$/.exec(scope === 'platform' ? scopeId : '') ?? []
  return of ? [of, name] : [scope, scopeId]
}
