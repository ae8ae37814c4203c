import { inject } from '@adonisjs/core'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { Suspensions } from '#core/plugins/suspensions'
import { PriceArchive } from '#core/prices/price_archive'
import {
  pricePin,
  termsInForce,
  upperPrice,
  type Price,
  type PricePin,
  type Terms,
} from '#core/prices/price_model'
import { resolveReferences, type ResolvedReference } from '#app/assets/actions/resolve_references'
import { isOpenTo, notOpen } from '#app/generations/test_mode'
import { checkInput } from '#app/generations/validators/model_input'

/** Something in the request that its sender can mend. Nothing was held. */
export interface InputProblem {
  code: string
  /** A JSON pointer into the request. */
  param: string
  message: string
  /** Where time mends it. */
  retryAfterSeconds?: number
}

export type PricedInput =
  | {
      ok: true
      model: RegisteredModel
      /** Defaults filled in, URLs replaced by the assets they became. */
      input: Record<string, unknown>
      references: Record<string, ResolvedReference>
      price: Price
      /** What it was priced with, for the derivation and for the hold. */
      terms: Terms
      pin: PricePin
    }
  | { ok: false; problem: InputProblem }

interface PriceRequest {
  accountId: string
  model: string
  input: Record<string, unknown>
  createdBy: string
}

/** Reads an input as its model understands it and says what it can cost at most. */
@inject()
export class PriceInput {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly prices: PriceArchive,
    private readonly suspensions: Suspensions
  ) {}

  async handle(request: PriceRequest): Promise<PricedInput> {
    const model = this.registry.find(request.model)
    if (!model) return refuse('model_not_found', '/model', this.#unknown(request))
    if (!isOpenTo(request.accountId, model)) {
      const { code, message } = notOpen(request.accountId, model.name, this.registry.models())
      return refuse(code, '/model', message)
    }
    if (this.suspensions.of(model.name)) {
      const message = `${model.name} is suspended: it cost more than its price says. Use another model, or come back once the operator has mended it.`
      return refuse('model_suspended', '/model', message)
    }
    const { state, replacement, shutdownAt } = this.registry.lifecycle(model)
    if (state === 'retired') {
      const since = shutdownAt ? `, since ${shutdownAt.slice(0, 10)}` : ''
      const instead = replacement ? ` Use ${replacement} instead.` : ''
      return refuse('model_retired', '/model', `${model.name} is retired${since}.${instead}`)
    }

    const input: Record<string, unknown> = JSON.parse(JSON.stringify(request.input))
    const problem = checkInput(model, input, '/input')
    if (problem) return { ok: false, problem }

    const resolved = await resolveReferences({
      accountId: request.accountId,
      rules: model.references,
      input,
      createdBy: request.createdBy,
    })
    if (!resolved.ok) return { ok: false, problem: resolved.problems[0] }
    const { references } = resolved
    const order = { input: resolved.input, references }
    const terms = termsInForce(model, this.prices.book, new Date())
    const price = upperPrice(model, order, terms)
    const pin = pricePin(terms, price, order)
    return { ok: true, model, input: resolved.input, references, price, terms, pin }
  }

  #unknown({ accountId, model: name }: PriceRequest) {
    const nearest = this.registry.nearest(name, (model) => isOpenTo(accountId, model))
    const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : ''
    const keyless = this.registry.plugins.find(
      ({ state, models }) => state === 'unconfigured' && models.some((model) => model.name === name)
    )
    if (keyless) {
      return `"${name}" is not set up here: the operator has given no key of ${keyless.title}. GET /v1/models lists what is.`
    }
    return `There is no model "${name}".${hint} GET /v1/models lists them all.`
  }
}

function refuse(code: string, param: string, message: string): PricedInput {
  return { ok: false, problem: { code, param, message } }
}
