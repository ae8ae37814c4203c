import { randomUUID } from 'node:crypto'
import { inject } from '@adonisjs/core'
import type { ModelKind } from '#core/plugins/define_plugin'
import { namedReferences } from '#core/plugins/references'
import { creditsText } from '#app/admin/format/amounts'
import { fieldProblem, type FieldProblem } from '#app/admin/forms/field_problem'
import { schemaFields } from '#app/admin/forms/schema_fields'
import { organisationChoicesQuery } from '#app/admin/queries/organisation_names_query'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { PriceInput, type InputProblem } from '#app/generations/actions/price_input'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

type Model = NonNullable<ReturnType<ModelCatalogue['one']>>

/** In the order in which they are offered. */
const KINDS: Record<ModelKind, string> = {
  image: 'Images',
  video: 'Videos',
  edit: 'Editing',
  upscale: 'Upscaling',
  audio: 'Audio',
  vector: 'Vectors',
}

interface Wanted {
  model: string
  organisation: string
  /** Without one, the model's example. */
  input?: Record<string, unknown>
  problem?: InputProblem
  /** Why it was not started although the input is right. */
  refusal?: string
  refusalId?: string
  createdBy: string
}

/** What one call costs, as the page says it before and while the form is filled in. */
export type PriceTag =
  { credits: string; available: string; enough: boolean } | { problem: FieldProblem }

/** The page of try-a-model: what there is to choose from and the form of what is chosen. */
@inject()
export class TrialForm {
  constructor(
    private readonly catalogue: ModelCatalogue,
    private readonly priceInput: PriceInput,
    private readonly balance: BalanceQuery
  ) {}

  async open(wanted: Wanted) {
    const models = this.catalogue.all().sort(byKind)
    const organisations = await organisationChoicesQuery({
      withTest: true,
      chosen: wanted.organisation,
    })
    const organisation =
      organisations.find(({ id }) => id === wanted.organisation) ?? organisations[0]
    const open = organisation ? this.catalogue.openTo(organisation.id).sort(byKind) : models
    const model = models.find(({ id }) => id === wanted.model) ?? open[0] ?? models[0]
    const problem = wanted.problem && fieldProblem(wanted.problem, model?.parameters)
    const values = wanted.input ?? model?.price.example.input ?? {}
    return {
      groups: groupsOf(models, model?.id),
      model,
      organisations,
      organisation,
      fields: model ? schemaFields({ ...model, values, problem }) : [],
      problem,
      refusal: wanted.refusal,
      refusalId: wanted.refusalId,
      reference: randomUUID(),
      price:
        model && organisation && (await this.#firstPrice(model, organisation.id, values, wanted)),
    }
  }

  async price(request: Parameters<PriceInput['handle']>[0]): Promise<PriceTag> {
    const [priced, { available }] = await Promise.all([
      this.priceInput.handle(request),
      this.balance.handle(request.accountId),
    ])
    if (!priced.ok) {
      const parameters = this.catalogue.one(request.model)?.parameters
      return { problem: fieldProblem(priced.problem, parameters) }
    }
    const { credits } = priced.price
    return {
      credits: creditsText(credits),
      available: creditsText(available),
      enough: credits.micro <= available.micro,
    }
  }

  /** A page must fetch nothing because somebody opens it, so a URL is priced when it is typed. */
  async #firstPrice(
    model: Model,
    accountId: string,
    input: Record<string, unknown>,
    { createdBy }: Wanted
  ): Promise<PriceTag | null> {
    const remote = namedReferences(model.references, input).some(({ value }) =>
      /^https?:/i.test(String(value))
    )
    return remote ? null : this.price({ accountId, model: model.id, input, createdBy })
  }
}

const ORDER = Object.keys(KINDS)

function byKind(a: Model, b: Model): number {
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)
}

function groupsOf(models: Model[], chosen?: string) {
  const kinds = [...new Set(models.map(({ kind }) => kind))]
  return kinds.map((kind) => ({
    title: KINDS[kind],
    models: models
      .filter((model) => model.kind === kind)
      .map((model) => ({ ...model, chosen: model.id === chosen })),
  }))
}
