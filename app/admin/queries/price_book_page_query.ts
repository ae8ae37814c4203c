import { inject } from '@adonisjs/core'
import { MODEL_KINDS } from '#core/plugins/model_kinds'
import type { ReadPage } from '#core/prices/read_book_page'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { overholdingQuery } from '#app/pricing/queries/overholding_query'
import { PriceListQuery } from '#app/pricing/queries/price_list_query'
import { termsText } from '#app/pricing/terms_text'

const DAYS = 30
const PAGES = 100

interface Wanted {
  /** What was typed, where it has to be shown again. */
  form?: Record<string, unknown>
  errors?: Record<string, string>
  /** A page whose effect is to be shown. */
  draft?: ReadPage
}

/** Everything the page of prices shows. */
@inject()
export class PriceBookPage {
  constructor(private readonly list: PriceListQuery) {}

  async handle({ form = {}, errors = {}, draft }: Wanted) {
    const models = this.list.models()
    const pages = this.list.pages().slice(0, PAGES)
    const since = new Date(Date.now() - DAYS * 86_400_000)
    const everything = models.find(({ page }) => page.target === '*')?.page.terms
    const defaults = {
      target: '*',
      terms: 'markup',
      timezone: 'UTC',
      usd_per_credit: everything?.kind === 'markup' ? everything.usdPerCredit : '',
      fixed_per: 'output',
      round_to: '0.000001',
      round_mode: 'up',
    }
    return {
      models,
      pages: pages.map((page) => ({ ...page, text: termsText(page.terms) })),
      actors: await actorNamesQuery(pages.map(({ actor }) => actor)),
      targets: targetsOf(models.map(({ model }) => model)),
      overholding: await overholdingQuery(since),
      days: DAYS,
      preview: draft && this.list.preview(draft),
      draft: draft && { ...draft, text: termsText(draft.terms) },
      form: { ...defaults, ...form },
      errors,
    }
  }
}

function targetsOf(models: string[]) {
  const providers = [...new Set(models.map((model) => model.split('/')[0]))]
  return [
    { value: '*', text: 'Everything' },
    ...MODEL_KINDS.map((kind) => ({ value: `kind:${kind}`, text: `Kind: ${kind}` })),
    ...providers.map((id) => ({ value: `provider:${id}`, text: `Provider: ${id}` })),
    ...models.map((model) => ({ value: model, text: model })),
  ]
}
