import { inject } from '@adonisjs/core'
import { ProviderHealth } from '#core/plugins/provider_health'
import { requestedOutputs } from '#core/prices/price_model'
import { PriceInput, type InputProblem, type PricedInput } from './price_input.js'
import { providerAway } from './provider_away.js'

export type Priced = Extract<PricedInput, { ok: true }>

export type Candidates =
  /** At least one. The input is that of the request with its files in place, for each to fill in its defaults. */
  | { ok: true; candidates: Priced[]; input: Record<string, unknown> }
  | { ok: false; problem: InputProblem }

interface CandidatesRequest {
  accountId: string
  /** In the order they are to be asked in. */
  models: string[]
  input: Record<string, unknown>
  createdBy: string
}

/** What keeps a model from being asked now, and is no fault of the request. */
const PASSED_OVER = new Set(['model_retired', 'model_suspended', 'provider_unavailable'])

/**
 * Prices one input for several models. Those that cannot be asked now are passed over, unless none is
 * left; whatever else is wrong with one is wrong with the request: it must not be found out later.
 */
@inject()
export class PriceCandidates {
  constructor(
    private readonly priceInput: PriceInput,
    private readonly health: ProviderHealth
  ) {}

  async handle(request: CandidatesRequest, now: Date): Promise<Candidates> {
    const candidates: Priced[] = []
    let { input } = request
    let passedOver: InputProblem | null = null
    for (const [n, model] of request.models.entries()) {
      const priced = await this.priceInput.handle({ ...request, model, input })
      const away = priced.ok ? providerAway(this.health, priced.model, now) : priced.problem
      const problem = away ?? (priced.ok && misfit(candidates[0], priced))
      if (problem) {
        const told = toldAt(problem, n, model)
        if (!PASSED_OVER.has(problem.code)) return { ok: false, problem: told }
        passedOver ??= told
        continue
      }
      // What the first has fetched is not fetched again.
      if (candidates.length === 0) input = withFiles(input, priced as Priced)
      candidates.push(priced as Priced)
    }
    if (candidates.length === 0) return { ok: false, problem: passedOver! }
    return { ok: true, candidates, input }
  }
}

/** Whoever gets another model than the first gets the same kind of thing, and as many. */
function misfit(first: Priced | undefined, { model, input }: Priced): InputProblem | null {
  if (!first) return null
  const isOfKind = model.kind === first.model.kind
  const isAsMany = requestedOutputs(model, input) === requestedOutputs(first.model, first.input)
  if (isOfKind && isAsMany) return null
  const what = isOfKind ? 'another number of outputs for this input' : 'another kind of output'
  return {
    code: 'fallback_mismatch',
    param: '/model',
    message: `It makes ${what} than ${first.model.name}, so it cannot take its place.`,
  }
}

function toldAt(problem: InputProblem, n: number, model: string): InputProblem {
  const isOfModel = problem.param === '/model'
  return {
    ...problem,
    param: isOfModel ? `/models/${n}` : problem.param,
    message: problem.message.includes(model) ? problem.message : `${model}: ${problem.message}`,
  }
}

function withFiles(asked: Record<string, unknown>, { model, input }: Priced) {
  const files = Object.keys(model.references).filter((name) => name in asked)
  return { ...asked, ...Object.fromEntries(files.map((name) => [name, input[name]])) }
}
