import { Readable } from 'node:stream'
import type { HttpContext } from '@adonisjs/core/http'
import { csvLine } from '#app/admin/format/csv'
import { organisationNamesQuery } from '#app/admin/queries/organisation_names_query'
import { readFilters } from '#app/admin/validators/generation_filters'
import {
  generationsQuery,
  type GenerationFilters,
} from '#app/generations/queries/generations_query'
import type { GenerationView } from '#app/generations/queries/generation_query'

/** What is in memory at once. */
const PAGE = 500

const COLUMNS: Record<string, (view: GenerationView, organisation: string) => unknown> = {
  id: (view) => view.id,
  organisation_id: (view) => view.accountId,
  organisation: (_, organisation) => organisation,
  status: (view) => view.status,
  model: (view) => view.model,
  provider: (view) => view.provider,
  kind: (view) => view.kind,
  requested: (view) => view.requested,
  delivered: (view) => view.delivered,
  held_credits: (view) => view.hold,
  charged_credits: (view) => view.charged,
  attempts: (view) => view.attempt,
  error: (view) => view.error?.class,
  error_message: (view) => view.error?.message,
  created_at: (view) => view.createdAt.toISOString(),
  started_at: (view) => view.startedAt?.toISOString(),
  finished_at: (view) => view.finishedAt?.toISOString(),
}

export default class GenerationExportsController {
  /** Exactly the rows that the list with these filters shows, page by page. Prompts stay here. */
  show({ request, response }: HttpContext) {
    const { filters } = readFilters(request.qs())
    response.header('Content-Type', 'text/csv; charset=utf-8')
    response.header('Content-Disposition', 'attachment; filename="generations.csv"')
    response.header('Cache-Control', 'no-store')
    return response.stream(Readable.from(lines(filters)))
  }
}

async function* lines(filters: GenerationFilters) {
  yield csvLine(Object.keys(COLUMNS))
  let page = await generationsQuery(filters, { limit: PAGE })
  while (true) {
    const names = await organisationNamesQuery(page.generations.map(({ accountId }) => accountId))
    yield page.generations
      .map((view) =>
        csvLine(Object.values(COLUMNS).map((cell) => cell(view, names[view.accountId])))
      )
      .join('')
    if (!page.next) return
    page = await generationsQuery(filters, { limit: PAGE, after: page.next })
  }
}
