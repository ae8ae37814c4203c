import type { Credits, Usd } from '../ledger/credits.js'
import { outputSize, type Size } from '../plugins/geometry.js'
import type { ModelManifest } from '../plugins/define_plugin.js'
import type { Usage } from '../plugins/model_provider.js'
import { evaluate } from './evaluate.js'
import type { PriceBook } from './price_book.js'
import type { Quantities } from './price_rule.js'

export interface Price {
  /** What the vendor charges. */
  cost: Usd
  /** What the user pays. */
  credits: Credits
  quantities: Quantities
}

/** The most this input can cost, known before the work: the ceiling that is held. */
export function upperPrice(
  model: ModelManifest,
  input: Record<string, unknown>,
  references: Record<string, Size>,
  book: PriceBook
): Price {
  const outputs = requestedOutputs(model, input)
  const size = model.geometry ? outputSize(model.geometry, input, references) : null
  const quantities: Quantities = {
    outputs,
    pixelsOut: size ? size.width * size.height * outputs : 0,
    pixelsIn: Object.values(references).reduce((sum, { width, height }) => sum + width * height, 0),
    seconds: model.secondsParameter ? Number(input[model.secondsParameter]) * outputs : 0,
  }
  return price(model, quantities, book)
}

/** What the work did cost, from what was measured. Not capped: the settlement caps it at the hold. */
export function actualPrice(model: ModelManifest, usage: Usage, book: PriceBook): Price {
  const { outputs, pixelsOut = 0, pixelsIn = 0, seconds = 0 } = usage
  return price(model, { outputs, pixelsOut, pixelsIn, seconds }, book)
}

export function requestedOutputs(model: ModelManifest, input: Record<string, unknown>): number {
  return model.outputsParameter ? Number(input[model.outputsParameter]) : 1
}

function price(model: ModelManifest, quantities: Quantities, book: PriceBook): Price {
  const cost = evaluate(model.price.rule, quantities)
  return { cost, credits: book.credits(cost), quantities }
}
