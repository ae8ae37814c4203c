import { inject } from '@adonisjs/core'
import type { Credits, Usd } from '#core/ledger/credits'
import { PluginRegistry } from '#core/plugins/registry'
import { PriceArchive } from '#core/prices/price_archive'
import type { BookVersion, PricedTerms } from '#core/prices/price_book'
import type { ReadPage } from '#core/prices/read_book_page'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'
import { bookWith } from '#app/pricing/draft_book'

export interface PricedModel {
  model: string
  title: string
  /** Of the model's example. */
  vendorCost: Usd
  credits: Credits
  page: BookVersion<PricedTerms>
}

export interface PricePreview {
  model: string
  title: string
  before: Credits
  after: Credits
}

export type PageState = 'in force' | 'scheduled' | 'over' | 'replaced'

/** What models cost by the book, and what a page would change. */
@inject()
export class PriceListQuery {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly catalogue: ModelCatalogue,
    private readonly prices: PriceArchive
  ) {}

  /** Each model's example, by the page that holds for it. */
  models(at = new Date()): PricedModel[] {
    const { book } = this.prices
    const prices = this.catalogue.examplePrices(book, at)
    return this.registry.models().map((model) => ({
      model: model.name,
      title: model.title,
      vendorCost: prices.get(model.name)!.cost,
      credits: prices.get(model.name)!.credits,
      page: book.inForce(model, at),
    }))
  }

  /** Every page there is, the newest decision first. */
  pages(at = new Date()): (BookVersion & { state: PageState })[] {
    const { book } = this.prices
    return book.versions
      .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))
      .map((page) => ({ ...page, state: stateOf(page, book.latest(page.target, at), at) }))
  }

  /** Each model's example before and after a page begins. */
  preview(page: ReadPage): PricePreview[] {
    const { book } = this.prices
    const before = this.catalogue.examplePrices(book, page.effectiveFrom)
    const after = this.catalogue.examplePrices(bookWith(book, page), page.effectiveFrom)
    return this.registry.models().map(({ name, title }) => ({
      model: name,
      title,
      before: before.get(name)!.credits,
      after: after.get(name)!.credits,
    }))
  }
}

function stateOf(page: BookVersion, latest: BookVersion | null, at: Date): PageState {
  if (page.effectiveFrom > at) return 'scheduled'
  if (page.effectiveUntil && page.effectiveUntil <= at) return 'over'
  return page.id === latest?.id ? 'in force' : 'replaced'
}
