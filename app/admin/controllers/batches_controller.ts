import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { batchRow, itemRow } from '#app/admin/format/batches'
import {
  organisationChoicesQuery,
  organisationNamesQuery,
} from '#app/admin/queries/organisation_names_query'
import { readBatchFilters, readItemFilters } from '#app/admin/validators/batch_filters'
import { batchItemsQuery, ITEM_STATUSES } from '#app/batches/queries/batch_items_query'
import { anyBatchQuery, BATCH_STATES, batchesQuery } from '#app/batches/queries/batches_query'

const PAGE = 25
const ITEMS = 50

export default class BatchesController {
  async index({ request, view }: HttpContext) {
    const { organisation, state, before } = readBatchFilters(request.qs())
    const [{ batches, next }, organisations] = await Promise.all([
      batchesQuery({ accountId: organisation || undefined, state, before, limit: PAGE }),
      organisationChoicesQuery({ withTest: true, chosen: organisation }),
    ])
    const query = queryOf({ organisation, state })
    return view.render('pages/admin/batches', {
      batches: batches.map(batchRow),
      names: await organisationNamesQuery(batches.map(({ accountId }) => accountId)),
      organisations,
      organisation,
      states: BATCH_STATES,
      state: state ?? '',
      filtered: query() !== '',
      newest: before === undefined,
      newestQuery: query(),
      olderQuery: next && query({ before: next }),
    })
  }

  async show({ params, request, view }: HttpContext) {
    const batch = await anyBatchQuery(params.id)
    if (!batch) throw new NotFound('batch of this id')
    const { status, after } = readItemFilters(request.qs())
    const statuses = status ? [status] : undefined
    const [{ items, next }, names] = await Promise.all([
      batchItemsQuery(batch, { limit: ITEMS, after, statuses }),
      organisationNamesQuery([batch.accountId]),
    ])
    const query = queryOf({ status })
    return view.render('pages/admin/batch', {
      batch: batchRow(batch),
      organisation: { id: batch.accountId, name: names[batch.accountId] },
      items: items.map(itemRow),
      statuses: ITEM_STATUSES,
      status: status ?? '',
      first: after === undefined,
      firstQuery: query(),
      nextQuery: next !== null && query({ after: String(next) }),
    })
  }
}

/** Query strings with these filters, without those that are not set. */
function queryOf(filters: Record<string, string | undefined>) {
  return (more: Record<string, string> = {}) =>
    new URLSearchParams(
      Object.entries({ ...filters, ...more }).filter((field): field is [string, string] =>
        Boolean(field[1])
      )
    ).toString()
}
